"""Emptying the outbox: notices that are due go to their delivery, at least once each."""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from nophoto.models import outages
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.notifications.notices import DueNotice, Refusal
from nophoto.worker.notifications.channel import DeliveryChannel, DeliveryFailure
from nophoto.worker.notifications.circuit_breaker import CircuitBreaker, again_in

_LOOKED_EVERY = 0.5
"""Seconds between two looks into an empty outbox."""

_COLLECTED_FOR = 0.02
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
        delivery: where its notices go.
        attempts: after so many a notice is dead.
    """

    def __init__(self, database: Database, delivery: DeliveryChannel, attempts: int) -> None:
        self._database = database
        self._delivery = delivery
        self._attempts = attempts
        self._breaker = CircuitBreaker(delivery.at_once)
        self._sending: dict[asyncio.Task[DeliveryFailure | None], DueNotice] = {}
        self._taken: list[int] = []
        self._refusals: list[Refusal] = []
        self._gone = ""

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping` is set; what is on its way then is waited for."""
        await self._delivery.open()
        try:
            while not stopping.is_set() or self._sending:
                slots = (
                    0 if stopping.is_set() else self._breaker.available_slots(len(self._sending))
                )
                claimed = await self._exchange(slots)
                for notice in claimed:
                    self._sending[asyncio.create_task(self._delivery.send(notice))] = notice
                if self._sending:
                    await self._collect()
                else:
                    await _sleep(stopping, _LOOKED_EVERY)
            await self._exchange(0)
        finally:
            await self._delivery.close()

    async def _exchange(self, slots: int) -> Sequence[DueNotice]:
        """Write what became of notices, and take new ones, in one transaction."""
        if not (slots or self._taken or self._refusals or self._gone):
            return []
        try:
            claimed = await asyncio.to_thread(self._write, slots)
        except (DatabaseUnreachableError, OperationalError) as error:
            outages.warn(_log, "the outbox is read later", error)
            await asyncio.sleep(_DATABASE_AGAIN_IN)
            return []
        self._taken, self._refusals, self._gone = [], [], ""
        return claimed

    def _write(self, slots: int) -> Sequence[DueNotice]:
        with self._database.transaction() as session:
            notices.settle(session, self._taken, self._refusals)
            if self._gone:
                if outbox.close(session, self._delivery.channel, self._gone):
                    _log.error(_CLOSED, self._delivery.channel, self._gone, self._delivery.channel)
                return []
            if not slots:
                return []
            return notices.claim(
                session, self._delivery.channel, slots, self._delivery.lease_seconds
            )

    async def _collect(self) -> None:
        await asyncio.wait(
            self._sending, timeout=_LOOKED_EVERY, return_when=asyncio.FIRST_COMPLETED
        )
        done, _ = await asyncio.wait(self._sending, timeout=_COLLECTED_FOR)
        for task in done:
            self._note(self._sending.pop(task), task.result())

    def _note(self, notice: DueNotice, failure: DeliveryFailure | None) -> None:
        was_away = self._breaker.is_away
        if failure is None or failure.is_away:
            self._breaker.note(
                taken=failure is None, retry_after=failure.retry_after if failure else 0
            )
        if was_away and not self._breaker.is_away:
            _log.info("the %s takes notices again", self._delivery.channel)
        if failure is None:
            self._taken.append(notice.id)
            return
        if self._breaker.is_away and not was_away:
            _log.warning("the %s takes nothing: %s", self._delivery.channel, failure.reason)
        if failure.is_gone:
            self._gone = failure.reason
            self._refusals.append(Refusal(notice.id, failure.reason, again_in(1)))
            return
        failed = notice.attempts + 1
        is_dead = failed >= self._attempts
        if is_dead:
            _log.error("notice %d is dead after %d attempts: %s", notice.id, failed, failure.reason)
        again = None if is_dead else max(again_in(failed), failure.retry_after)
        self._refusals.append(Refusal(notice.id, failure.reason, again))


async def _sleep(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
