"""What a moderator sees next: appeals first, spot checks now and then, nothing that others hold."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from nophoto.jobs.curation.review_groups import Group, next_groups
from nophoto.jobs.curation.spot_checks import is_spot_check_due, next_spot_check
from nophoto.models.records.database import Database
from nophoto.models.records.review import appeals, review_leases, review_queue
from nophoto.models.records.review.appeals import OpenAppeal
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.review.spot_checks import OpenSpotCheck


@dataclass(frozen=True, slots=True)
class NextItem:
    """One of the three, or nothing; what is shown is leased to the moderator.

    Attributes:
        appeal: somebody objects to what stands.
        spot_check: the network's answer is to be hidden.
        groups: of the queue; the first one is shown, the others follow.
    """

    appeal: OpenAppeal | None = None
    spot_check: OpenSpotCheck | None = None
    groups: list[Group] = field(default_factory=list)


def next_item(
    database: Database,
    reviewer: str,
    filters: QueueFilter,
    order: Order,
    *,
    turn: int = 0,
    skipped: frozenset[str] = frozenset(),
    together: bool = True,
) -> NextItem:
    """What `reviewer` sees next, which no other moderator gets for the next ten minutes.

    Appeals and spot checks come only where no filter is set.

    Args:
        database: migrated.
        reviewer: who.
        filters: which uploads.
        order: which first.
        turn: how many items they have seen.
        skipped: digests to leave out.
        together: whether nearly equal pictures are one group.
    """
    while True:
        with database.reading() as session:
            item = _candidate(session, reviewer, filters, order, turn, skipped, together)
        if item == NextItem():
            release(database, reviewer)
            return item
        place = _lease_first(database, item, filters, reviewer)
        if place is not None:
            return NextItem(item.appeal, item.spot_check, item.groups[place:])


def release(database: Database, reviewer: str) -> None:
    """Let others have what a moderator looked at."""
    with database.transaction() as session:
        review_leases.release(session, reviewer)


def _candidate(
    session: Session,
    reviewer: str,
    filters: QueueFilter,
    order: Order,
    turn: int,
    skipped: frozenset[str],
    together: bool,
) -> NextItem:
    """What `reviewer` would see, as long as nobody is quicker."""
    without = skipped | review_leases.held_by_others(session, reviewer)
    is_whole = filters == QueueFilter()
    if is_whole:
        appeal = appeals.next_appeal(session, reviewer, without=without)
        if appeal is not None:
            return NextItem(appeal=appeal)
    if is_whole and is_spot_check_due(turn):
        check = next_spot_check(session, reviewer, turn, without)
        if check is not None:
            return NextItem(spot_check=check)
    groups = next_groups(session, filters, order, skipped=without, together=together)
    if groups or not is_whole:
        return NextItem(groups=groups)
    return NextItem(spot_check=next_spot_check(session, reviewer, turn, without))


def _lease_first(
    database: Database, item: NextItem, filters: QueueFilter, reviewer: str
) -> int | None:
    """Lease what no other moderator holds, and nobody has decided meanwhile.

    Returns:
        The place among the item's groups, 0 for what has none; None where others were quicker.
    """
    single = item.appeal or item.spot_check
    choices = [(single.digest,)] if single else [group.digests for group in item.groups]
    for place, digests in enumerate(choices):
        with database.transaction() as session:
            if not review_leases.take(session, digests, reviewer):
                session.rollback()
            elif single or review_queue.members(session, digests, filters, limit=1):
                return place
    return None
