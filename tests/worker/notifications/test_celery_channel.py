"""The platform's own Celery worker gets each outcome as a call of its task."""

import asyncio
import threading

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

from nophoto.models.records.notifications import notices
from nophoto.models.records.tables import Channel
from nophoto.worker.notifications.celery_channel import CallbackQueueError, CallbackTask
from nophoto.worker.notifications.relay import Sender
from nophoto.worker.settings import Settings


def test_a_platform_that_imports_nothing_of_ours_is_called(database, broker_url, note) -> None:
    settings = Settings(
        _env_file=None,
        broker_url=broker_url,
        callback_task="shop.verdict",
        callback_queue="shop",
    )
    shop = Celery("shop", broker=broker_url, set_as_current=False)
    called, done = [], threading.Event()

    @shop.task(name="shop.verdict", shared=False)
    def verdict(message):
        called.append(message)
        if len(called) == 3:
            done.set()

    note("a", "b", "c", channel=Channel.TASK)
    note("not for the task")

    async def send() -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(Sender(database, CallbackTask(settings), 3).run(stopping))
        while await asyncio.to_thread(waiting) and not running.done():
            await asyncio.sleep(0.05)
        stopping.set()
        await running

    def waiting() -> bool:
        with database.reading() as session:
            return Channel.TASK in notices.standing(session)

    asyncio.run(send())
    with start_worker(shop, queues=["shop"], perform_ping_check=False, pool="solo"):
        assert done.wait(10)
    assert sorted(message["data"]["key"] for message in called) == ["a", "b", "c"]
    assert {message["type"] for message in called} == {"upload.judged"}
    with database.reading() as session:
        assert notices.standing(session)[Channel.WEBHOOK].waiting == 1


def test_a_broker_that_is_away_loses_nothing(database, note) -> None:
    settings = Settings(
        _env_file=None, broker_url="redis://127.0.0.1:1/0", callback_task="shop.verdict"
    )
    note("a", channel=Channel.TASK)
    with database.transaction() as session:
        (notice,) = notices.claim(session, Channel.TASK, 1, 60)
    failure = asyncio.run(CallbackTask(settings).send(notice))
    assert failure is not None
    assert failure.is_away
    assert failure.reason.startswith("the broker does not take it")


@pytest.mark.parametrize("queue", ["celery", "bulk", "sweep"])
def test_a_queue_of_our_own_is_refused(queue: str) -> None:
    with pytest.raises(CallbackQueueError, match="NOPHOTO_CALLBACK_QUEUE"):
        CallbackTask(Settings(_env_file=None, callback_task="x", callback_queue=queue))
