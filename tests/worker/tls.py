"""A real TLS server before one that speaks none, as the servers from wheels do not."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import trustme

AUTHORITY = trustme.CA()

Greet = Callable[[socket.socket], object]


@contextmanager
def tls_before(path: str, greet: Greet = lambda _: None) -> Iterator[int]:
    """The port of a server for the name `localhost` that hands on what it deciphers.

    Args:
        path: the Unix socket of the server behind.
        greet: what is said on a connection before TLS begins.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                Thread(target=serve, args=(client,), daemon=True).start()

    def serve(client: socket.socket) -> None:
        # A client that does not trust the certificate hangs up.
        with client, suppress(OSError):
            greet(client)
            with context.wrap_socket(client, server_side=True) as secure:
                server = socket.socket(socket.AF_UNIX)
                server.connect(path)
                Thread(target=copy, args=(server, secure), daemon=True).start()
                copy(secure, server)

    def copy(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)

    Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
