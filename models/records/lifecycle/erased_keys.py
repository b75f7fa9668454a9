"""Keys of uploads that were erased lately: a message that was sent before brings none back.

A message tells nothing of when it was sent, and may wait for days. For some days the database
therefore knows which keys were erased: not the keys, but digests made with a secret of its own.
"""

import hmac
from collections.abc import Collection, Iterable
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import ErasedKey, ErasureSecret


def note(session: Session, keys: Collection[str]) -> None:
    """Note that these keys are erased now, whether uploads had them or not.

    Args:
        session: in the transaction that erases them.
        keys: of which messages may wait that nobody has taken in.
    """
    digests = _digests(session, keys)
    now = clock.now(session)
    # In one order, so that two that erase the same wait for each other and never in a ring.
    for some in chunks(sorted(digests)):
        statement = insert(session, ErasedKey)
        statement = statement.on_conflict_do_update(
            index_elements=[ErasedKey.digest], set_={"at": statement.excluded.at}
        )
        session.execute(statement, [{"digest": digest, "at": now} for digest in some])


def among(session: Session, keys: Iterable[str], days: float) -> set[str]:
    """Those of `keys` that were erased in the last `days`.

    Args:
        session: in a transaction that holds erasures off; see `erasing.hold_off_erasures`.
        keys: all of them valid Unicode.
        days: for which erased keys are known.
    """
    is_recent = ErasedKey.at > clock.now(session) - timedelta(days=days)
    # As a rule there are none, and no digest need be made.
    if session.scalar(select(ErasedKey.digest).where(is_recent).limit(1)) is None:
        return set()
    digests = _digests(session, keys)
    found: set[str] = set()
    for some in chunks(sorted(digests)):
        query = select(ErasedKey.digest).where(ErasedKey.digest.in_(some), is_recent)
        found |= {digests[digest] for digest in session.scalars(query)}
    return found


def forget(session: Session, days: float) -> int:
    """Delete what was noted longer ago than `days`, and return how many that were."""
    old = ErasedKey.at < clock.now(session) - timedelta(days=days)
    return session.connection().execute(delete(ErasedKey).where(old)).rowcount


def _digests(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """The keys by their digests."""
    secret = session.scalars(select(ErasureSecret.secret)).one()
    return {hmac.digest(secret, key.encode(), "sha256").hex(): key for key in keys}
