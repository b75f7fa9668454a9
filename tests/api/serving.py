"""An API of one process, served over a real socket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import sleep

import httpx
import uvicorn

from nophoto.api.application import create_api
from nophoto.api.context import ApiContext
from nophoto.jobs.operations.api_keys import add_key
from nophoto.models.records import references
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import Scope
from nophoto.worker.settings import Settings
from tests.rows import rows_of


@dataclass
class Served:
    """An API that answers, and its parts."""

    url: str
    context: ApiContext

    def client(self, *scopes: Scope, name: str | None = None, **headers: str) -> httpx.Client:
        """A client with a key of its own, which allows all where no scope is named."""
        name = name or f"key-{len(self.keys())}"
        made = add_key(self.context.database, name, scopes or [*Scope], by="tests")
        return self.anybody(authorization=f"Bearer {made.secret}", **headers)

    def anybody(self, **headers: str) -> httpx.Client:
        """A client with these headers alone."""
        named = {header.replace("_", "-"): value for header, value in headers.items()}
        return httpx.Client(base_url=self.url, headers=named, timeout=60)

    def keys(self) -> list[str]:
        """The names of the keys that there are."""
        from nophoto.models.records.access import api_keys

        with self.context.database.reading() as session:
            return [key.name for key in api_keys.list_all(session)]

    def rows(self) -> dict[str, ResultRow]:
        """Every upload by its key."""
        return rows_of(self.context.database)

    def set_version(self) -> int:
        """Of the reference set."""
        with self.context.database.reading() as session:
            return references.current_version(session)


@contextmanager
def serving(
    settings: Settings, *, is_local: bool = True, judges: bool = True, port: int = 0
) -> Iterator[Served]:
    """Serve an API over the database and the broker of `settings`.

    Several may have the same port: the kernel gives a connection to one of them.
    """
    context = ApiContext(settings, is_local=is_local, judges=judges)
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(("127.0.0.1", port))
        config = uvicorn.Config(
            create_api(context),
            log_level="warning",
            timeout_graceful_shutdown=1,
            forwarded_allow_ips=[*settings.api_proxies],
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, args=([bound],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                sleep(0.02)
            yield Served(f"http://127.0.0.1:{bound.getsockname()[1]}", context)
        finally:
            server.should_exit = True
            thread.join()
            context.database.close()
