"""Review: what is flagged or in doubt, one decision after the other, by keys."""

from dataclasses import dataclass
from time import time_ns
from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import QUIET, acting_html, number
from nophoto.console.components.filters import Filters, folded_filters, from_address, remember
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.review_actions import Skipped, act_on, group_token
from nophoto.console.pages.review_members import Places, members_of, places_of
from nophoto.console.pages.try_state import Tries, add_tried, ask_of_upload, kept_tries
from nophoto.console.rendering.platform_link import platform_link
from nophoto.console.rendering.templates import render
from nophoto.jobs.curation.review_groups import next_groups
from nophoto.jobs.curation.shared_queue import NextItem, next_item
from nophoto.models.records import clock, references, review_queue, reviews
from nophoto.models.records.group_reviews import PictureGroup
from nophoto.models.records.review_queue import Order, QueueFilter
from nophoto.models.records.tables import Role
from nophoto.models.records.uploads import metadata_of
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


def review_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    skipped = gr.State(Skipped())
    with folded_filters(texts):
        order = gr.Dropdown(
            [(texts(f"review.{order}"), order.value) for order in Order],
            value=Order.NEWEST.value,
            label=texts("review.order"),
            min_width=140,
        )
        verdict = gr.Dropdown(
            [
                (texts("review.all"), ""),
                *((texts(f"verdict.{word}"), word.value) for word in Verdict),
            ],
            value="",
            label=texts("review.network"),
            min_width=140,
        )
        prefix = gr.Textbox(
            value="",
            label=texts("review.prefix"),
            max_lines=1,
            min_width=140,
            elem_id="filter-key",
        )
        reference = gr.Textbox(
            value="", label=texts("review.by_reference"), max_lines=1, min_width=140
        )
        collection = gr.Textbox(
            value="", label=texts("review.collection"), max_lines=1, min_width=140
        )
        together = gr.Checkbox(value=True, label=texts("review.together"), min_width=140)
    tries = kept_tries()
    counted = acting_html(elem_id="counted")
    asked = acting_html(elem_id="asked")
    shown = acting_html(elem_id="review")
    with gr.Accordion(texts("review.history"), open=False):
        decisions = acting_html(elem_id="decisions")
    gr.HTML(render("key_help.html", texts, codes=context.settings.review_codes), elem_id="help")

    filters: Filters = {
        "order": order,
        "verdict": verdict,
        "key": prefix,
        "reference": reference,
        "collection": collection,
        "together": together,
    }

    @user_errors
    def open_page(request: gr.Request) -> tuple[Any, ...]:
        person = access.require(request, Role.VIEWER, texts, in_collection=True)
        chosen = from_address(filters, request)
        view = View(Order(chosen[0]), _filter(person, *chosen[1:5]), chosen[5])
        return _page(context, person, texts, view, Skipped(), ""), Skipped(), *chosen

    @user_errors
    def show(
        order: str,
        verdict: str,
        prefix: str,
        reference: str,
        collection: str,
        together: bool,
        request: gr.Request,
    ) -> tuple[str, Skipped]:
        person = access.require(request, Role.VIEWER, texts, in_collection=True)
        filters = _filter(person, verdict, prefix, reference, collection)
        view = View(Order(order), filters, together)
        return _page(context, person, texts, view, Skipped(), ""), Skipped()

    @user_errors
    def act(
        event: gr.EventData,
        skipped: Skipped,
        kept: Tries,
        order: str,
        verdict: str,
        prefix: str,
        reference: str,
        collection: str,
        together: bool,
        request: gr.Request,
    ) -> tuple[Any, Skipped, str, Tries]:
        data = payload(event)
        places = places_of(data)
        is_looking = places != Places()
        role = Role.VIEWER if is_looking else Role.MODERATOR
        adds = data.get("act") == "reference"
        # A reference claims the uploads of all collections, and what measures is of all of them.
        of_all = adds or data.get("act") in ("appeal", "answer")
        person = access.require(request, role, texts, in_collection=not of_all)
        if adds:
            asking, kept = ask_of_upload(context, number(data.get("upload")), texts)
            return gr.skip(), skipped, asking, kept
        message = ""
        if not is_looking:
            message, skipped = act_on(context, person, data, skipped, texts)
        view = View(Order(order), _filter(person, verdict, prefix, reference, collection), together)
        return _page(context, person, texts, view, skipped, message, places), skipped, "", kept

    @user_errors
    def count(
        skipped: Skipped,
        verdict: str,
        prefix: str,
        reference: str,
        collection: str,
        request: gr.Request,
    ) -> tuple[str, str]:
        person = access.require(request, Role.VIEWER, texts, in_collection=True)
        filters = _filter(person, verdict, prefix, reference, collection)
        return _counts(context, person, texts, filters, skipped)

    @user_errors
    def add(event: gr.EventData, kept: Tries, request: gr.Request) -> str:
        person = access.require(request, Role.MODERATOR, texts)
        is_wanted = payload(event).get("act") == "add"
        return add_tried(context, person, kept, event, texts) if is_wanted else ""

    inputs = list(filters.values())
    opened = pages.load(open_page, None, [shown, skipped, *inputs], **QUIET)
    looked = gr.on(
        [control.input for control in inputs],
        show,
        inputs,
        [shown, skipped],
        # While one types: an answer for letters that were changed since is passed over.
        trigger_mode="always_last",
        js=remember(filters),
        **QUIET,
    )
    asked.click(add, [tries], [asked], **QUIET)
    acts = [part.click for part in (shown, counted, decisions)]
    acted = gr.on(acts, act, [skipped, tries, *inputs], [shown, skipped, asked, tries], **QUIET)
    for done in (opened, looked, acted):
        # The next item does not wait for what is only counted.
        counted_by = [skipped, verdict, prefix, reference, collection]
        done.then(count, counted_by, [counted, decisions], **QUIET)


def _filter(
    person: Person, verdict: str, prefix: str, reference: str, collection: str
) -> QueueFilter:
    return QueueFilter(
        Verdict(verdict) if verdict else None,
        reference_id=number(reference.strip().removeprefix("#")),
        key_prefix=prefix or None,
        # Whatever the page says, somebody of one collection sees no other.
        collection=person.collection or collection.strip() or None,
    )


def _page(
    context: ConsoleContext,
    person: Person,
    texts: Translations,
    view: View,
    skipped: Skipped,
    message: str,
    places: Places = Places(),  # noqa: B008 - it never changes
) -> str:
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


def _counts(
    context: ConsoleContext,
    person: Person,
    texts: Translations,
    filters: QueueFilter,
    skipped: Skipped,
) -> tuple[str, str]:
    """How much is left, and what was decided last."""
    with context.database.reading() as session:
        counts = reviews.counts(session, person.collection)
        left = review_queue.size(session, filters)
        last = reviews.last(session, limit=_REMEMBERED, collection=person.collection)
    counted = render(
        "review_counts.html", texts, left=left, counts=counts, skipped=len(skipped.digests)
    )
    may_decide = person.may(Role.MODERATOR)
    return counted, render("review_last.html", texts, last=last, may_decide=may_decide)
