"""What the page Review shows a visitor: the next item, what is left, and the last decisions."""

from dataclasses import dataclass
from time import time_ns

from nophoto.console.auth.permissions import Person
from nophoto.console.components.action_html import number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.review_actions import Skipped, group_token
from nophoto.console.pages.review_members import Places, members_of
from nophoto.console.rendering.platform_link import platform_link
from nophoto.console.rendering.templates import render
from nophoto.jobs.curation.review_groups import next_groups
from nophoto.jobs.curation.shared_queue import NextItem, next_item
from nophoto.models.records import clock, references
from nophoto.models.records.lifecycle.uploads import metadata_of
from nophoto.models.records.review import review_history, review_queue
from nophoto.models.records.review.group_reviews import PictureGroup
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.tables import Role
from nophoto.models.vocabulary import Verdict

_AHEAD = 12
"""Items after the current one that are shown, so that their pictures are there in time."""

_REMEMBERED = 10
"""Last decisions that are listed."""


@dataclass(frozen=True, slots=True)
class View:
    """How one visitor looks at the queue."""

    order: Order
    filters: QueueFilter
    together: bool


def filter_of(
    person: Person, verdict: str, prefix: str, reference: str, collection: str
) -> QueueFilter:
    """What a visitor's filters mean."""
    return QueueFilter(
        Verdict(verdict) if verdict else None,
        reference_id=number(reference.strip().removeprefix("#")),
        key_prefix=prefix or None,
        # Whatever the page says, somebody of one collection sees no other.
        collection=person.collection or collection.strip() or None,
    )


def render_item(
    context: ConsoleContext,
    person: Person,
    texts: Translations,
    view: View,
    skipped: Skipped,
    message: str,
    places: Places = Places(),  # noqa: B008 - it never changes
) -> str:
    """The next item, which is leased to a moderator.

    Args:
        context: of the console.
        person: who looks.
        texts: in their language.
        view: how they look at the queue.
        skipped: what they want to see later.
        message: what came of the last button.
        places: which pages of the item's members they look at.
    """
    may_decide = person.may(Role.MODERATOR)
    if may_decide:
        item = next_item(
            context.database,
            person.name,
            view.filters,
            view.order,
            turn=skipped.turn,
            skipped=skipped.digests,
            together=view.together,
        )
    else:
        with context.database.reading() as session:
            groups = next_groups(
                session,
                view.filters,
                view.order,
                skipped=skipped.digests,
                together=view.together,
            )
        item = NextItem(groups=groups)
    settings = context.settings
    shared = {
        "message": message,
        "made": time_ns(),
        "all_codes": settings.review_codes,
        "code": skipped.code,
    }
    if item.appeal is not None:
        appeal = item.appeal
        link = platform_link(settings.link_template, appeal.key, appeal.metadata)
        return render("review_appeal.html", texts, appeal=appeal, link=link, **shared)
    if item.spot_check is not None:
        return render("review_spot_check.html", texts, spot_check=item.spot_check, **shared)
    groups = item.groups
    metadata = None
    group = groups[0] if groups else None
    token, members, reference = "", None, None
    with context.database.reading() as session:
        if group:
            seen_at = clock.now(session)
            token = group_token(PictureGroup(group.digests, view.filters, seen_at))
            members = members_of(session, group, view.filters, places)
            metadata = metadata_of(session, group.first.newest_id)
            if group.first.nearest_reference_id:
                reference = references.name(session, group.first.nearest_reference_id)
    return render(
        "review.html",
        texts,
        group=group,
        token=token,
        members=members,
        ahead=groups[1 : 1 + _AHEAD],
        reference=reference,
        metadata=metadata,
        link=platform_link(settings.link_template, group.first.key, metadata) if group else None,
        may_decide=may_decide,
        **shared,
    )


def render_counts(
    context: ConsoleContext,
    person: Person,
    texts: Translations,
    filters: QueueFilter,
    skipped: Skipped,
) -> tuple[str, str]:
    """How much is left, and what was decided last."""
    with context.database.reading() as session:
        counts = review_history.counts(session, person.collection)
        left = review_queue.size(session, filters)
        last = review_history.last(session, limit=_REMEMBERED, collection=person.collection)
    counted = render(
        "review_counts.html", texts, left=left, counts=counts, skipped=len(skipped.digests)
    )
    may_decide = person.may(Role.MODERATOR)
    return counted, render("review_last.html", texts, last=last, may_decide=may_decide)
