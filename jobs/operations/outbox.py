"""Looking into the outbox, and having dead notices sent again."""

from typing import Any

from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.notifications.notices import NoticeRow, Standing


class UnknownChannelError(NophotoError):
    """A channel is named that nothing is told through."""


class NoticesWaitError(NophotoError):
    """A channel that has not taken everything is to be closed."""


def read_outbox(
    database: Database, *, dead: bool, limit: int
) -> tuple[dict[str, Standing | None], list[NoticeRow]]:
    """How each subscribed channel stands, None where nothing waits, and some of the notices."""
    with database.reading() as session:
        found = notices.standing(session)
        named = {*outbox.subscribed(session), *found}
        rows = notices.find(session, dead=dead, limit=limit)
    return {channel: found.get(channel) for channel in sorted(named)}, rows


def close_channel(database: Database, channel: str, *, even_if_waiting: bool) -> int:
    """Tell nothing through `channel` any more, and return how many notices are forgotten.

    Raises:
        NoticesWaitError: if there are some and nobody said that they may be lost.
        UnknownChannelError: if there is no such channel.
    """
    with database.transaction() as session:
        _check(session, channel)
        forgotten = outbox.unsubscribe(session, channel)
        if forgotten and not even_if_waiting:
            raise NoticesWaitError(
                f"{forgotten:,} outcomes were not told through the {channel} yet. Let "
                "`nophoto notify` send them first, or forget them with --yes"
            )
    return forgotten


def open_channel(database: Database, channel: str) -> bool:
    """Send through `channel` again, and return whether it was closed by its receiver.

    Raises:
        UnknownChannelError: if there is no such channel.
    """
    with database.transaction() as session:
        _check(session, channel)
        return outbox.reopen(session, channel)


def _check(session: Session, channel: str) -> None:
    known = {*outbox.subscribed(session), *notices.standing(session)}
    if channel not in known:
        raise UnknownChannelError(
            f"there is no channel {channel}. Name one of: {', '.join(sorted(known)) or 'none yet'}"
        )


def as_dict(row: NoticeRow) -> dict[str, Any]:
    """The fields of `row`, its times in ISO 8601."""
    return {
        "id": row.id,
        "channel": row.channel,
        "event": row.event,
        "created_at": row.created_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "attempts": row.attempts,
        "error": row.error,
        "dead_at": row.dead_at and row.dead_at.isoformat(),
    }
