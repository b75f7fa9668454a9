"""What a moderator sees next: appeals first, spot checks now and then, nothing that others hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from nophoto.jobs.curation.reviews import Group, next_groups
from nophoto.jobs.curation.spot_checks import is_spot_check_due, next_spot_check
from nophoto.models.records import appeals, review_leases, review_queue
from nophoto.models.records.appeals import OpenAppeal
from nophoto.models.records.database import Database
from nophoto.models.records.review_queue import Order, QueueFilter
from nophoto.models.records.spot_checks import OpenSpotCheck


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
    is_whole = filters == QueueFilter()
    while True:
        with database.reading() as session:
            without = skipped | review_leases.held_by_others(session, reviewer)
            appeal = appeals.next_appeal(session, reviewer, without=without) if is_whole else None
        if appeal is not None:
            if lease(database, [appeal.digest], reviewer):
                return NextItem(appeal=appeal)
            continue
        if is_whole and is_spot_check_due(turn):
            check = next_spot_check(database, reviewer, turn, without)
            if check is not None and lease(database, [check.digest], reviewer):
                return NextItem(spot_check=check)
        groups = next_groups(database, filters, order, skipped=without, together=together)
        place = _first_leased(database, groups, filters, reviewer)
        if place is not None:
            return NextItem(groups=groups[place:])
        if groups:
            continue
        check = next_spot_check(database, reviewer, turn, without) if is_whole else None
        if check is None:
            with database.transaction() as session:
                review_leases.release(session, reviewer)
            return NextItem()
        if lease(database, [check.digest], reviewer):
            return NextItem(spot_check=check)


def lease(database: Database, digests: Iterable[str], reviewer: str) -> bool:
    """Hold pictures for a moderator; whether no other moderator does."""
    with database.transaction() as session:
        is_held = review_leases.take(session, list(digests), reviewer)
        if not is_held:
            session.rollback()
    return is_held


def release(database: Database, reviewer: str) -> None:
    """Let others have what a moderator looked at."""
    with database.transaction() as session:
        review_leases.release(session, reviewer)


def _first_leased(
    database: Database, groups: list[Group], filters: QueueFilter, reviewer: str
) -> int | None:
    """The place of the first group that is free and that nobody has decided meanwhile."""
    for place, group in enumerate(groups):
        if not lease(database, group.digests, reviewer):
            continue
        with database.reading() as session:
            if review_queue.members(session, group.digests, filters, limit=1):
                return place
    return None
