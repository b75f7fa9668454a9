"""Noting, in the transaction of an outcome, that the platform is to be told of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Executable, delete, func, literal, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import Session

from nophoto.models.reasons import reason_fields
from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.dialects import insert
from nophoto.models.records.outcomes.results import OUTCOME
from nophoto.models.records.tables import (
    Channel,
    Collection,
    Notice,
    Reference,
    Subscription,
    Upload,
)
from nophoto.models.records.text import storable


def subscribe(session: Session, channels: Iterable[str]) -> None:
    """Tell outcomes through `channels` from now on; those that are subscribed stay so."""
    now = clock.now(session)
    for channel in channels:
        statement = insert(session, Subscription).values(channel=channel, since=now)
        session.execute(statement.on_conflict_do_nothing())


def unsubscribe(session: Session, channel: str) -> int:
    """Tell nothing through `channel` any more, and forget what it has not taken.

    Returns:
        How many notices are forgotten.
    """
    session.execute(delete(Subscription).where(Subscription.channel == channel))
    forgotten = session.scalar(select(func.count()).where(Notice.channel == channel)) or 0
    session.execute(delete(Notice).where(Notice.channel == channel))
    return forgotten


@dataclass(frozen=True, slots=True)
class ClosedChannel:
    """A channel whose receiver is gone: its notices wait until it is opened again."""

    channel: str
    closed_at: datetime
    reason: str


def close(session: Session, channel: str, reason: str) -> bool:
    """Send nothing through `channel` until it is opened again; what is noted for it waits.

    Returns:
        Whether it was open.
    """
    statement = (
        update(Subscription)
        .where(Subscription.channel == channel, Subscription.closed_at.is_(None))
        .values(closed_at=clock.now(session), closed_because=storable(reason))
        .returning(Subscription.channel)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def reopen(session: Session, channel: str) -> bool:
    """Send through `channel` again, and return whether it was closed."""
    statement = (
        update(Subscription)
        .where(Subscription.channel == channel, Subscription.closed_at.is_not(None))
        .values(closed_at=None, closed_because=None)
        .returning(Subscription.channel)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def closed(session: Session) -> list[ClosedChannel]:
    """The channels that are closed, by name."""
    query = select(Subscription.channel, Subscription.closed_at, Subscription.closed_because)
    rows = session.execute(
        query.where(Subscription.closed_at.is_not(None)).order_by(Subscription.channel)
    )
    return [
        ClosedChannel(channel, at or clock.now(session), why or "") for channel, at, why in rows
    ]


def subscribed(session: Session) -> list[str]:
    """The channels that outcomes are told through, by name."""
    return list(session.scalars(select(Subscription.channel).order_by(Subscription.channel)))


@dataclass(frozen=True, slots=True)
class _Routes:
    """Which channels are told of which collection.

    A collection with a webhook of its own is told by that, in the place of the other webhooks; a
    channel that is some collection's own is told of no other. The platform's task is told of all.
    """

    common: list[str]
    own: dict[str, str]

    def of(self, collection: str) -> list[str]:
        own = self.own.get(collection)
        if own is None:
            return self.common
        tasks = [channel for channel in self.common if not channel.startswith(Channel.WEBHOOK)]
        return [*tasks, own]


def _routes(session: Session) -> _Routes | None:
    """By one small query; None where nobody is told of anything."""
    rows = session.connection().execute(_subscriptions()).all()
    if not rows:
        return None
    own = {collection: channel for channel, collection in rows if collection}
    common = [channel for channel, collection in rows if not collection]
    return _Routes(common, own)


@cache
def _subscriptions() -> Executable:
    # Made once: each chunk asks it.
    channel = literal(f"{Channel.WEBHOOK}:").concat(Collection.webhook)
    return (
        select(Subscription.channel, Collection.name)
        .outerjoin(Collection, Subscription.channel == channel)
        .order_by(Subscription.channel)
    )


def add(session: Session, upload_ids: Sequence[int]) -> None:
    """Note that the platform is to be told what these uploads have come to.

    Call it in the transaction that wrote their outcomes, after it wrote them: what stands in the
    rows now is what will be told. Costs one small query where no channel is subscribed.
    """
    if not upload_ids or not (routes := _routes(session)):
        return
    now = clock.now(session)
    for some in chunks(upload_ids):
        notices = [
            (channel, event)
            for event in _events(session, some, now)
            for channel in routes.of(event["data"]["collection"])
        ]
        if notices:
            _insert(session, notices, now)


def add_refusals(session: Session, refusals: Sequence[Mapping[str, str]]) -> None:
    """Note that the platform is to be told of uploads that were not taken in, and why.

    Args:
        session: in a transaction.
        refusals: the data of each notice.
    """
    if not refusals or not (channels := subscribed(session)):
        return
    now = clock.now(session)
    for some in chunks(refusals):
        events = [
            {"type": "upload.refused", "timestamp": now.isoformat(), "data": dict(data)}
            for data in some
        ]
        _insert(session, [(channel, event) for event in events for channel in channels], now)


def _insert(session: Session, notices: Sequence[tuple[str, dict[str, Any]]], now: datetime) -> None:
    rows = [
        {
            "channel": channel,
            "message_id": uuid4(),
            "event": event,
            "created_at": now,
            "due_at": now,
        }
        for channel, event in notices
    ]
    session.execute(plain_insert(Notice), rows)


def _events(session: Session, upload_ids: Sequence[int], now: datetime) -> Iterator[dict[str, Any]]:
    query = (
        select(*OUTCOME)
        .outerjoin(Reference, Reference.id == Upload.nearest_reference_id)
        .where(Upload.id.in_(upload_ids))
        .order_by(Upload.id)
    )
    return (_event(row, now) for row in session.execute(query).mappings().all())


def _event(row: Mapping[Any, Any], now: datetime) -> dict[str, Any]:
    data = dict(row)
    data |= reason_fields(data["reason"])
    data["decided_by"] = "moderator" if data.pop("reviewed") else "network"
    data["judged_at"] = data["judged_at"] and data["judged_at"].isoformat()
    if data["verdict"]:
        kind = "upload.judged"
    else:
        # Neither is left where a moderator's word on an upload that still waits was taken back.
        kind = "upload.failed" if data["failure"] else "upload.waiting"
    return {"type": kind, "timestamp": now.isoformat(), "data": data}
