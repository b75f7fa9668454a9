"""Emptying the outbox: notices that are due go to their outlet, at least once each."""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from nophoto.models import outages
from nophoto.models.records import notices, outbox
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.notices import DueNotice, Refusal
from nophoto.worker.notifications.channel import DeliveryChannel, DeliveryFailure
from nophoto.worker.notifications.circuit_breaker import CircuitBreaker, again_in

_LOOKED_EVERY = 0.5
"""Seconds between two looks into an empty outbox."""

_GATHERED_FOR = 0.02
"""Seconds; what comes to its end within them is written in one transaction."""

_DATABASE_AGAIN_IN = 1.0

_CLOSED = (
    "the %s is closed: %s. Its notices wait. Correct its settings, then `nophoto outbox open %s`"
)

_log = logging.getLogger(__name__)


class Sender:
    """Sends the notices of one channel. Any number of senders share the work.

    Args:
        database: whose outbox it is.
        outlet: where its notices go.
        attempts: after so many a notice is dead.
    """

    def __init__(self, database: Database, outlet: DeliveryChannel, attempts: int) -> None:
        self._database = database
        self._outlet = outlet
        self._attempts = attempts
        self._pace = CircuitBreaker(outlet.at_once)
        self._on_the_way: dict[asyncio.Task[DeliveryFailure | None], DueNotice] = {}
        self._taken: list[int] = []
        self._refusals: list[Refusal] = []
        self._gone = ""

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping` is set; what is on its way then is waited for."""
        await self._outlet.open()
        try:
            while not stopping.is_set() or self._on_the_way:
                room = 0 if stopping.is_set() else self._pace.room(len(self._on_the_way))
                claimed = await self._exchange(room)
                for notice in claimed:
                    self._on_the_way[asyncio.create_task(self._outlet.send(notice))] = notice
                if self._on_the_way:
                    await self._gather()
                else:
                    await _sleep(stopping, _LOOKED_EVERY)
            await self._exchange(0)
        finally:
            await self._outlet.close()

    async def _exchange(self, room: int) -> Sequence[DueNotice]:
        """Write what became of notices, and take new ones, in one transaction."""
        if not (room or self._taken or self._refusals or self._gone):
            return []
        try:
            claimed = await asyncio.to_thread(self._write, room)
        except (DatabaseUnreachableError, OperationalError) as error:
            outages.warn(_log, "the outbox is read later", error)
            await asyncio.sleep(_DATABASE_AGAIN_IN)
            return []
        self._taken, self._refusals, self._gone = [], [], ""
        return claimed

    def _write(self, room: int) -> Sequence[DueNotice]:
        with self._database.transaction() as session:
            notices.settle(session, self._taken, self._refusals)
            if self._gone:
                if outbox.close(session, self._outlet.channel, self._gone):
                    _log.error(_CLOSED, self._outlet.channel, self._gone, self._outlet.channel)
                return []
            if not room:
                return []
            return notices.claim(session, self._outlet.channel, room, self._outlet.lease_seconds)

    async def _gather(self) -> None:
        await asyncio.wait(
            self._on_the_way, timeout=_LOOKED_EVERY, return_when=asyncio.FIRST_COMPLETED
        )
        done, _ = await asyncio.wait(self._on_the_way, timeout=_GATHERED_FOR)
        for task in done:
            self._note(self._on_the_way.pop(task), task.result())

    def _note(self, notice: DueNotice, rebuff: DeliveryFailure | None) -> None:
        was_away = self._pace.is_away
        if rebuff is None or rebuff.is_away:
            self._pace.note(taken=rebuff is None, retry_after=rebuff.retry_after if rebuff else 0)
        if was_away and not self._pace.is_away:
            _log.info("the %s takes notices again", self._outlet.channel)
        if rebuff is None:
            self._taken.append(notice.id)
            return
        if self._pace.is_away and not was_away:
            _log.warning("the %s takes nothing: %s", self._outlet.channel, rebuff.reason)
        if rebuff.is_gone:
            self._gone = rebuff.reason
            self._refusals.append(Refusal(notice.id, rebuff.reason, again_in(1)))
            return
        failed = notice.attempts + 1
        is_dead = failed >= self._attempts
        if is_dead:
            _log.error("notice %d is dead after %d attempts: %s", notice.id, failed, rebuff.reason)
        again = None if is_dead else max(again_in(failed), rebuff.retry_after)
        self._refusals.append(Refusal(notice.id, rebuff.reason, again))


async def _sleep(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
