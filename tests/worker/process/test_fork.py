import os
import socket
from pathlib import Path

from nophoto.worker.process.fork import detach_inherited_sockets


def survives_in_child(connection: socket.socket) -> bool:
    """Whether a forked child can still use `connection` once it has let go."""
    process = os.fork()
    if not process:
        detach_inherited_sockets()
        try:
            connection.getsockname()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def test_connections_to_other_processes_are_dropped_and_pipes_to_the_parent_kept(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ours, theirs = socket.socketpair()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as connection,
        ours,
        theirs,
    ):
        assert not survives_in_child(connection)
        assert survives_in_child(ours)
        assert survives_in_child(server)
        connection.getpeername()  # the parent's is untouched
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as connection:
        server.bind("socket")
        server.listen()
        connection.connect("socket")
        assert not survives_in_child(connection)
