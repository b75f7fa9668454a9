"""Claiming uploads under a lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    bindparam,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.tables import Upload, UploadState

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class ClaimedUpload:
    """An upload that the claim's holder is to judge; `attempts` counts this claim."""

    id: int
    key: str
    uri: str
    attempts: int
    collection: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Uploads that belong to the holder of `token`, until the lease has passed."""

    token: UUID
    uploads: list[ClaimedUpload]


def has_lapsed(now: datetime, lease_seconds: float) -> ColumnElement[bool]:
    """The condition that an upload's lease has passed, or was never given by this clock.

    One that ends later than twice `lease_seconds` from now was written before the clock was set
    back; its holder, if there is one, soon renews it.
    """
    kind = Upload.lease_until.type
    return _is_outside(literal(now, kind), literal(_implausible(now, lease_seconds), kind))


def _implausible(now: datetime, lease_seconds: float) -> datetime:
    return now + 2 * timedelta(seconds=lease_seconds)


def _is_outside(now: ColumnElement[Any], implausible: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(Upload.lease_until < now, Upload.lease_until > implausible)


def claim(
    session: Session,
    ids: Sequence[int],
    lease_seconds: float,
    token: UUID | None = None,
    *,
    is_durable: bool = False,
) -> Claim:
    """Take those of `ids` that are queued, or whose holder's lease has passed.

    Ids that are unknown, done, or held by another are left out: a message that comes twice
    claims nothing the second time.

    Args:
        session: in a transaction.
        ids: of uploads.
        lease_seconds: for how long they are held.
        token: to hold them by, where the caller has to know it even if the commit's answer is lost.
        is_durable: whether the commit waits for the disk, since the transaction writes more.
    """
    token = token or uuid4()
    # As a rule the commit does not wait for the disk. A claim that a server forgets as it falls is
    # no harm: the uploads are queued again, and what its holder writes under the token is void.
    now = clock.now(session) if is_durable else clock.now_without_flush(session)
    parameters = {
        "ids": list(ids),
        "now": now,
        "implausible": _implausible(now, lease_seconds),
        "token": token,
        "until": now + timedelta(seconds=lease_seconds),
    }
    rows = session.connection().execute(_claiming(), parameters)
    return Claim(token, sorted((ClaimedUpload(*row) for row in rows), key=lambda row: row.id))


@cache
def _claiming() -> Executable:
    # Made once: to put it together takes as long as to run it.
    now = bindparam("now", type_=Upload.updated_at.type)
    implausible = bindparam("implausible", type_=Upload.lease_until.type)
    free = or_(
        Upload.state == UploadState.QUEUED,
        and_(Upload.state == UploadState.CLAIMED, _is_outside(now, implausible)),
    )
    takeable = (
        select(Upload.id)
        .where(Upload.id.in_(bindparam("ids", expanding=True)), free)
        .order_by(Upload.id)
        .with_for_update(skip_locked=True)
    )
    return (
        update(Upload)
        .where(Upload.id.in_(takeable))
        .values(
            state=UploadState.CLAIMED,
            attempts=Upload.attempts + 1,
            lease_token=bindparam("token", type_=Upload.lease_token.type),
            lease_until=bindparam("until", type_=Upload.lease_until.type),
            failure=None,
            failure_message=None,
            updated_at=now,
        )
        .returning(Upload.id, Upload.key, Upload.uri, Upload.attempts, Upload.collection)
    )


def renew(session: Session, token: UUID, lease_seconds: float) -> int:
    """Hold what `token` still holds for `lease_seconds` from now, and return how many that are."""
    now = clock.now(session)
    # In one order, so that it and the writing of outcomes wait for each other and never in a ring.
    held = select(Upload.id).where(held_by(token)).order_by(Upload.id).with_for_update()
    statement = (
        update(Upload)
        .where(Upload.id.in_(held))
        .values(lease_until=now + timedelta(seconds=lease_seconds))
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(statement).all())


def release(session: Session, token: UUID) -> list[int]:
    """Queue again what `token` holds, as if it had never been claimed, and return the ids.

    For a worker that stops, and for one whose database failed: the attempt is not counted, since
    nothing was wrong with the uploads.
    A chunk that ran out of time is not to be released but left to its lease, which counts.
    """
    now = clock.now(session)
    statement = (
        update(Upload)
        .where(held_by(token))
        .values(
            state=UploadState.QUEUED,
            attempts=Upload.attempts - 1,
            lease_token=None,
            lease_until=None,
            published_at=None,
            updated_at=now,
        )
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(statement))


def held_by(token: UUID | ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that an upload belongs to the holder of `token`."""
    return and_(Upload.state == UploadState.CLAIMED, Upload.lease_token == token)
