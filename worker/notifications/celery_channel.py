"""The platform's own Celery task: one message a notice, into a queue of the platform's."""

import asyncio
from typing import Any

from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import OperationalError

from nophoto.models.errors import NophotoError
from nophoto.models.records.notifications.notices import DueNotice
from nophoto.models.records.tables import Channel
from nophoto.worker.broker.app import QUEUES, create_app
from nophoto.worker.notifications.channel import DeliveryFailure
from nophoto.worker.notifications.payload import message, message_id
from nophoto.worker.settings import Settings


class CallbackQueueError(NophotoError):
    """A queue that the platform's task cannot be sent to."""


class CallbackTask:
    """Sends notices as calls of `callback_task`, with the message as its one argument.

    Raises:
        CallbackQueueError: if the queue is one of nophoto's own, whose workers do not know the
            task.
    """

    channel: str = Channel.TASK
    at_once = 64
    lease_seconds = 60.0

    def __init__(self, settings: Settings) -> None:
        self._name = settings.callback_task
        self._queue = settings.callback_queue
        if self._queue in QUEUES:
            raise CallbackQueueError(
                f"NOPHOTO_CALLBACK_QUEUE is {self._queue}, which nophoto's own workers empty. Name "
                "a queue that the platform's workers listen to"
            )
        self._app: Celery = create_app(settings)
        self._connection: Any = self._app.connection_for_write()
        # One connection, and one message on it at a time.
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Nothing: the first message connects."""

    async def send(self, notice: DueNotice) -> DeliveryFailure | None:
        """Why the broker did not take it."""
        async with self._lock:
            return await asyncio.to_thread(self._publish, notice)

    async def close(self) -> None:
        """Close the connection."""
        self._connection.release()

    def _publish(self, notice: DueNotice) -> DeliveryFailure | None:
        options: dict[str, Any] = {
            "queue": Queue(self._queue),  # type: ignore[no-untyped-call]
            "task_id": message_id(notice),
            "ignore_result": True,
            "retry": False,
        }
        try:
            self._connection.ensure_connection(max_retries=1, timeout=5)
            with self._app.amqp.Producer(self._connection) as producer:
                self._app.send_task(self._name, [message(notice)], producer=producer, **options)
        except (OperationalError, *self._connection.connection_errors) as error:
            return DeliveryFailure(f"the broker does not take it ({error})")
        return None
