"""Debian's PgBouncer in transaction mode before the tests' PostgreSQL."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import make_url

SERVER_CONNECTIONS = 2
"""Fewer than the clients of any test: what one leaves in a connection, another meets."""

_SETTINGS = """
[databases]
* = host={host} port=5432 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
server_login_retry = 0.2
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


def program() -> str:
    """Where PgBouncer is; skips the test where it is not installed."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.skip("THERE IS NO PGBOUNCER: WORK BEHIND IT IS NOT TESTED (apt install pgbouncer)")
    return found


@contextmanager
def pgbouncer(server_url: str) -> Iterator[int]:
    """The port of a PgBouncer before the server of `server_url`."""
    command = program()
    sockets = Path(str(make_url(server_url).query["host"]))
    # Not under pytest's folders, which another user may not look into.
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            port = listener.getsockname()[1]
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            _SETTINGS.format(
                host=sockets,
                port=port,
                connections=SERVER_CONNECTIONS,
                folder=folder,
            )
        )
        # It refuses to run as root, and the server lets its own user alone reach its socket.
        process = subprocess.Popen(
            [command, "-q", settings], cwd=folder, user=sockets.stat().st_uid
        )
        try:
            _wait_for(port, process, folder / "pgbouncer.log")
            yield port
        finally:
            process.kill()
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = monotonic() + 60
    while monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        sleep(0.05)
    raise AssertionError(log.read_text() if log.exists() else "pgbouncer did not start")
