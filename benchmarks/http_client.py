"""A client that takes little of the processors that it shares with the server which it measures.

One thread holds all connections, and its requests are bytes before the clock starts. What is left
are the system calls, and the parser of answers, which is C: 0.1 ms of a processor for a picture,
where `http.client` in a thread for each connection takes 0.3 ms.
"""

import socket
from collections.abc import Sequence
from selectors import EVENT_READ, DefaultSelector
from time import perf_counter

import httptools


class _Connection:
    """One client: it sends its next request once it has the answer to the one before."""

    def __init__(self, port: int, requests: Sequence[bytes], first: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._next = first
        self._body = b""
        self._is_complete = False

    def send(self) -> None:
        self._body, self._is_complete = b"", False
        self._parser = httptools.HttpResponseParser(self)
        self._began = perf_counter()
        self.socket.sendall(self._requests[self._next % len(self._requests)])
        self._next += 1

    def receive(self) -> float | None:
        """Seconds that the answer took, once it is whole.

        Raises:
            RuntimeError: if it is not a good one.
        """
        data = self.socket.recv(65_536)
        if not data:
            raise RuntimeError("the server has closed a connection")
        self._parser.feed_data(data)
        if not self._is_complete:
            return None
        took = perf_counter() - self._began
        if self._parser.get_status_code() != 200:
            raise RuntimeError(f"{self._parser.get_status_code()}: {self._body[:300]!r}")
        return took

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        self._body += data

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._is_complete = True


def answers(
    port: int, requests: Sequence[bytes], clients: int, seconds: float
) -> tuple[float, list[float]]:
    """Answers a second to clients that send one request after the other, and seconds of each.

    Args:
        port: of the server, on this machine.
        requests: whole ones, which are sent in turn.
        clients: connections, each kept alive.
        seconds: after which no further request is sent.

    Raises:
        RuntimeError: if an answer is not 200.
    """
    took: list[float] = []
    with DefaultSelector() as selector:
        began = perf_counter()
        for client in range(clients):
            connection = _Connection(port, requests, client)
            selector.register(connection.socket, EVENT_READ, connection)
            connection.send()
        while selector.get_map():
            for key, _ in selector.select():
                connection = key.data
                done = connection.receive()
                if done is None:
                    continue
                took.append(done)
                if perf_counter() - began < seconds:
                    connection.send()
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
        return len(took) / (perf_counter() - began), took


def form_request(path: str, headers: dict[str, str], file: bytes) -> bytes:
    """A POST of a form with one file, as it is sent."""
    boundary = "nophoto-benchmark"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x.jpg"\r\n\r\n'
    ).encode()
    body += file + f"\r\n--{boundary}--\r\n".encode()
    lines = {
        "Host": "127.0.0.1",
        **headers,
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
