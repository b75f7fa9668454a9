"""Leases on pictures of the queue: two moderators never look at the same one."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, text
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.dialects import insert, is_postgresql
from nophoto.models.records.tables import ReviewLease
from nophoto.models.records.text import storable

LEASE = timedelta(minutes=10)
"""How long a picture is kept for the moderator to whom it was shown."""


def held_by_others(session: Session, reviewer: str) -> frozenset[str]:
    """The digests of pictures that other moderators look at."""
    now = clock.now(session)
    query = select(ReviewLease.digest).where(
        ReviewLease.reviewer != _stored(reviewer),
        ReviewLease.until > now,
        # One that ends later than any lease could was written before the clock was set back.
        ReviewLease.until <= now + 2 * LEASE,
    )
    return frozenset(session.scalars(query))


def take(session: Session, digests: Sequence[str], reviewer: str) -> bool:
    """Hold these pictures, and nothing else; whether no other moderator held one of them.

    Where one did, the transaction is to be rolled back: some of the others are held by now.

    Args:
        session: in a transaction.
        digests: of one item.
        reviewer: who looks at it.
    """
    if is_postgresql(session):
        # The commit does not wait for the disk: a lease that a server forgets as it falls lets
        # two moderators see one item, and the first decision on it stands.
        session.execute(text("SET LOCAL synchronous_commit TO off"))
    now = clock.now(session)
    who = _stored(reviewer)
    # In one order, so that two moderators wait for each other and never in a ring.
    rows = [
        {"digest": digest, "reviewer": who, "since": now, "until": now + LEASE}
        for digest in sorted(set(digests))
    ]
    shown = [row["digest"] for row in rows]
    has_lapsed = or_(ReviewLease.until <= now, ReviewLease.until > now + 2 * LEASE)
    old = or_(
        and_(ReviewLease.reviewer == who, ReviewLease.digest.not_in(shown)),
        and_(ReviewLease.digest.in_(shown), has_lapsed),
    )
    session.execute(delete(ReviewLease).where(old))
    statement = insert(session, ReviewLease)
    new = statement.excluded
    # An item that is shown again is still the same look at it; one that lapsed begins again.
    again = statement.on_conflict_do_update(
        index_elements=[ReviewLease.digest],
        set_={"until": new.until},
        where=(ReviewLease.reviewer == who) & (ReviewLease.until > now),
    ).returning(ReviewLease.digest)
    held = session.scalars(again, rows).all()
    return len(held) == len(rows)


def seconds_held(session: Session, digest: str, reviewer: str) -> float | None:
    """For how long a moderator has looked at a picture; None where the lease has lapsed."""
    now = clock.now(session)
    query = select(ReviewLease.since).where(
        ReviewLease.digest == digest,
        ReviewLease.reviewer == _stored(reviewer),
        ReviewLease.until > now,
    )
    since = session.scalar(query)
    return None if since is None else max(0.0, (now - since).total_seconds())


def release(session: Session, reviewer: str) -> None:
    """Let others have what a moderator looked at."""
    session.execute(delete(ReviewLease).where(ReviewLease.reviewer == _stored(reviewer)))


def _stored(reviewer: str) -> str:
    return storable(reviewer)[:255]
