import asyncio
import base64
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from nophoto.models.records.database import Database
from nophoto.models.records.notifications import outbox
from nophoto.models.records.tables import Channel, Notice
from nophoto.worker.settings import Settings

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, long enough").decode()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Receiver:
    """A platform's web server, with what it was sent."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    """Starts receivers that answer as the given handler does; all stop with the test."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runners: list[web.AppRunner] = []

    def receive(handler: Handler, **options: Any) -> Receiver:
        receiver = Receiver()

        async def handle(request: web.Request) -> web.StreamResponse:
            receiver.bodies.append(await request.read())
            receiver.headers.append({k.lower(): v for k, v in request.headers.items()})
            return await handler(request)

        async def start() -> str:
            application = web.Application()
            application.router.add_route("*", "/{path:.*}", handle)
            runner = web.AppRunner(application, shutdown_timeout=0.1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0, **options)
            await site.start()
            runners.append(runner)
            port = runner.addresses[0][1]
            return f"{'https' if options.get('ssl_context') else 'http'}://127.0.0.1:{port}/hook"

        receiver.url = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        return receiver

    yield receive
    for runner in runners:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def webhook_settings() -> Callable[..., Settings]:
    """Settings with a webhook at a URL."""

    def webhook_settings(url: str, **others: Any) -> Settings:
        return Settings(_env_file=None, webhook_url=url, webhook_secret=SECRET, **others)

    return webhook_settings


@pytest.fixture
def note(database: Database) -> Callable[..., None]:
    """Puts notices of uploads with these keys into the outbox of a channel."""

    def note(*keys: str, channel: Channel = Channel.WEBHOOK) -> None:
        from uuid import uuid4

        from nophoto.models.records import clock

        with database.transaction() as session:
            outbox.subscribe(session, [channel])
            now = clock.now(session)
            for key in keys:
                session.add(
                    Notice(
                        channel=channel,
                        message_id=uuid4(),
                        event={
                            "type": "upload.judged",
                            "timestamp": now.isoformat(),
                            "data": {"key": key, "verdict": "real", "failure": None},
                        },
                        created_at=now,
                        due_at=now,
                    )
                )

    return note
