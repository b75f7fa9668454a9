"""The outbox is emptied whatever the receiver does and however often the sender is killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from aiohttp import web
from standardwebhooks import Webhook as Verifier

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.tables import Channel, Lane
from nophoto.worker.notifications.channel import DeliveryChannel
from nophoto.worker.notifications.circuit_breaker import CircuitBreaker, again_in
from nophoto.worker.notifications.relay import Sender
from nophoto.worker.notifications.run import outlets, subscribe
from nophoto.worker.notifications.webhook_channel import Webhook
from nophoto.worker.settings import Settings
from tests.worker.notifications.conftest import SECRET

KEYS = [f"photo/{number}" for number in range(200)]


async def accept(_: web.Request) -> web.Response:
    return web.Response(status=204)


async def refuse(_: web.Request) -> web.Response:
    return web.Response(status=500, text="broken")


@pytest.fixture
def enqueue_judged(database: Database) -> Callable[..., None]:
    """Notes outcomes of uploads as a writer of verdicts does, for each subscribed channel."""

    def enqueue_judged(*keys: str) -> None:
        with database.transaction() as session:
            ids = add_uploads(session, [NewUpload(key, f"/{key}") for key in keys], Lane.BULK).ids
            outbox.add(session, ids)

    return enqueue_judged


@contextmanager
def sending(
    database: Database, settings: Settings, outlet: DeliveryChannel | None = None
) -> Iterator[None]:
    """A sender in a thread; it stops, and has settled everything, at the end of the block."""
    stopping = asyncio.Event()
    loop = asyncio.new_event_loop()
    sender = Sender(database, outlet or Webhook(settings), settings.notice_attempts)
    thread = threading.Thread(target=loop.run_until_complete, args=[sender.run(stopping)])
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()


def waiting(database: Database) -> tuple[int, int]:
    """How many notices wait, and how many are dead."""
    with database.reading() as session:
        standing = notices.standing(session).get(Channel.WEBHOOK)
    return (standing.waiting, standing.dead) if standing else (0, 0)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline
        sleep(0.05)


def keys(bodies: list[bytes]) -> set[str]:
    return {json.loads(body)["data"]["key"] for body in bodies}


def test_each_notice_is_sent_once_where_nothing_goes_wrong(
    database, receive, webhook_settings, note
) -> None:
    receiver = receive(accept)
    note(*KEYS)
    with sending(database, webhook_settings(receiver.url)):
        until(lambda: waiting(database) == (0, 0))
        note("late")
        until(lambda: len(receiver.bodies) == len(KEYS) + 1)
    assert keys(receiver.bodies) == {*KEYS, "late"}
    assert waiting(database) == (0, 0)


def test_what_is_refused_too_often_is_dead_and_no_other_with_it(
    database, receive, webhook_settings, note
) -> None:
    async def handle(request: web.Request) -> web.Response:
        key = json.loads(await request.read())["data"]["key"]
        if key.startswith("poison"):
            return web.Response(status=422, text="broken")
        return await accept(request)

    receiver = receive(handle)
    note(*(f"poison {number}" for number in range(100)))
    note("a", "b")
    with sending(database, webhook_settings(receiver.url, notice_attempts=2)):
        until(lambda: waiting(database) == (0, 100))
    with database.transaction() as session:
        dead = notices.find(session, dead=True, limit=200)
        assert notices.resend(session) == 100
    assert {row.event["data"]["key"] for row in dead} == keys(receiver.bodies) - {"a", "b"}
    assert {(row.attempts, row.error) for row in dead} == {(2, "127.0.0.1 answers 422: broken")}
    assert waiting(database) == (100, 0)


def test_a_receiver_that_is_gone_closes_the_channel_until_it_is_opened_again(
    database, receive, webhook_settings, note, caplog
) -> None:
    async def gone(_: web.Request) -> web.Response:
        return web.Response(status=410, text="moved away")

    receiver = receive(gone)
    note(*KEYS)
    with sending(database, webhook_settings(receiver.url)):
        until(lambda: "`nophoto outbox open webhook`" in caplog.text)
        note("later")
        sleep(2)
        # Those that were under way when the first was answered arrive too.
        assert len(receiver.bodies) <= Webhook.at_once
        assert "later" not in keys(receiver.bodies)
    assert waiting(database) == (len(KEYS) + 1, 0)
    with database.reading() as session:
        (closed,) = outbox.closed(session)
    assert (closed.channel, closed.reason) == ("webhook", "127.0.0.1 answers 410: moved away")
    with database.transaction() as session:
        assert outbox.reopen(session, Channel.WEBHOOK)
        assert not outbox.reopen(session, Channel.WEBHOOK)
    receiver = receive(accept)
    with sending(database, webhook_settings(receiver.url)):
        until(lambda: waiting(database) == (0, 0))
    assert keys(receiver.bodies) == {*KEYS, "later"}


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_says_when_to_come_again_is_left_alone_until_then(
    database, receive, webhook_settings, note, status
) -> None:
    asked_at: list[float] = []

    async def busy_once(request: web.Request) -> web.Response:
        asked_at.append(monotonic())
        if len(asked_at) == 1:
            return web.Response(status=status, headers={"Retry-After": "3"})
        return await accept(request)

    receiver = receive(busy_once)
    note("first")
    with sending(database, webhook_settings(receiver.url)):
        until(lambda: asked_at)
        note("second", "third")
        until(lambda: waiting(database) == (0, 0))
    assert keys(receiver.bodies) == {"first", "second", "third"}
    assert asked_at[1] - asked_at[0] >= 3


def test_types_of_events_that_are_left_out_are_not_sent(
    database, receive, webhook_settings, note
) -> None:
    receiver = receive(accept)
    note("a", "b")
    with sending(database, webhook_settings(receiver.url, webhook_events="upload.failed")):
        until(lambda: waiting(database) == (0, 0))
    assert receiver.bodies == []
    note("c")
    events = "upload.failed, upload.judged"
    with sending(database, webhook_settings(receiver.url, webhook_events=events)):
        until(lambda: waiting(database) == (0, 0))
    assert keys(receiver.bodies) == {"c"}


def test_each_receiver_is_told_by_its_own_channel_secret_and_types(
    database, receive, webhook_settings, enqueue_judged, caplog
) -> None:
    async def gone(_: web.Request) -> web.Response:
        return web.Response(status=410)

    own_secret = "whsec_" + b64encode(b"a secret of the search alone, long").decode()
    first, search, failures, away = receive(accept), receive(accept), receive(accept), receive(gone)
    settings = webhook_settings(
        first.url,
        webhooks=json.dumps(
            [
                {"name": "search", "url": search.url, "secret": own_secret},
                {"name": "failures", "url": failures.url, "events": ["upload.failed"]},
                {"name": "away", "url": away.url},
            ]
        ),
    )
    channels = subscribe(database, settings)
    assert channels == ["webhook", "webhook:search", "webhook:failures", "webhook:away"]
    enqueue_judged("a", "b")
    with ExitStack() as senders:
        for outlet in outlets(settings):
            senders.enter_context(sending(database, settings, outlet))
        until(lambda: len(first.bodies) == len(search.bodies) == 2)
        until(lambda: "outbox open webhook:away" in caplog.text)
    assert failures.bodies == []
    assert Verifier(own_secret).verify(search.bodies[0], search.headers[0])
    assert Verifier(SECRET).verify(first.bodies[0], first.headers[0])
    with database.reading() as session:
        assert set(notices.standing(session)) == {"webhook:away"}


def test_a_receiver_that_comes_back_finds_everything(
    database, receive, webhook_settings, note
) -> None:
    """While it is away it is tried now and then, and the notices that wait lose no attempts."""
    is_away = True

    async def handle(request: web.Request) -> web.Response:
        return await (refuse if is_away else accept)(request)

    receiver = receive(handle)
    note(*KEYS)
    with sending(database, webhook_settings(receiver.url, notice_attempts=3)):
        until(lambda: len(receiver.bodies) >= 32)
        sleep(1.5)
        assert len(receiver.bodies) < 2 * Webhook.at_once
        assert waiting(database) == (len(KEYS), 0)
        is_away = False
        until(lambda: waiting(database) == (0, 0), 60)
    assert keys(receiver.bodies) == set(KEYS)


@contextmanager
def notify(environment: dict[str, str], folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "nophoto.jobs.cli", "notify"], env=environment, cwd=folder
    ) as sender:
        try:
            yield sender
        finally:
            sender.kill()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_nothing_is_lost_though_the_sender_is_killed_and_half_is_refused(
    database, receive, note, tmp_path
) -> None:
    chance = Random(1)
    tried: Counter[str] = Counter()
    taken: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        key = json.loads(await request.read())["data"]["key"]
        tried[key] += 1
        # Not more often, since the pauses double.
        if tried[key] <= 3 and chance.random() < 0.5:
            return await refuse(request)
        taken.append(key)
        return await accept(request)

    receiver = receive(handle)
    note(*KEYS)
    environment = os.environ | {
        "NOPHOTO_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "NOPHOTO_HOME": str(tmp_path),
        "NOPHOTO_WEBHOOK_URL": receiver.url,
        "NOPHOTO_WEBHOOK_SECRET": SECRET,
        "NOPHOTO_WEBHOOK_TIMEOUT": "0.5",
    }
    for most in (10, 60, 120):
        with notify(environment, tmp_path) as sender:
            until(lambda most=most: len(taken) >= most, 60)
            sender.kill()
            assert sender.wait(10) == -signal.SIGKILL
    assert waiting(database) != (0, 0)
    with notify(environment, tmp_path) as sender:
        until(lambda: waiting(database) == (0, 0), 90)
        sender.send_signal(signal.SIGTERM)
        assert sender.wait(20) == 0
    assert set(taken) == set(KEYS)


def test_pauses_grow_to_an_hour_and_are_scattered() -> None:
    delays = [again_in(attempt) for attempt in range(1, 36)]
    assert 0.5 <= delays[0] <= 1.5
    assert all(delay <= 1.5 * 3600 for delay in delays)
    assert sum(delays) > 0.7 * 86_400
    assert len({again_in(5) for _ in range(20)}) > 1


def test_a_receiver_that_is_away_is_tried_alone_and_ever_more_rarely() -> None:
    time = 100.0
    pace = CircuitBreaker(64, now=lambda: time)
    for _ in range(31):
        pace.note(taken=False)
    pace.note(taken=True)
    assert (pace.is_away, pace.available_slots(4)) == (False, 60)
    for _ in range(60):
        pace.note(taken=False)
    assert (pace.is_away, pace.available_slots(0)) == (True, 0)
    pauses = []
    for _ in range(8):
        began = time
        while not pace.available_slots(0):
            time += 0.5
        pauses.append(time - began)
        assert (pace.available_slots(0), pace.available_slots(1)) == (1, 0)
        pace.note(taken=False)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    while not pace.available_slots(0):
        time += 0.5
    pace.note(taken=True)
    assert pace.available_slots(0) == 64
