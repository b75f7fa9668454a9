"""The light client of the HTTP benchmark, against a server of the standard library."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from benchmarks.http_client import answers, form_request


@contextmanager
def server(status: int) -> Iterator[tuple[int, list[tuple[str, bytes]]]]:
    """Its port, and the type and body of each request that it has answered."""
    requests: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.headers["Content-Type"], body))
            self.send_response(status)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"x" * 100_000)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield listening.server_address[1], requests
        finally:
            listening.shutdown()
            thread.join()


def test_every_client_sends_whole_forms_and_every_answer_is_counted() -> None:
    forms = [form_request("/v1/score", {"X-Key": "a"}, file) for file in (b"one", b"\r\n" * 50_000)]
    with server(200) as (port, requests):
        rate, took = answers(port, forms, clients=3, seconds=0.3)
    assert len(took) == len(requests) >= 6
    assert rate == pytest.approx(len(took) / 0.3, rel=0.5)
    boundary = requests[0][0].partition("boundary=")[2].encode()
    files = {body.split(b"\r\n\r\n", 1)[1] for _, body in requests}
    end = b"\r\n--" + boundary + b"--\r\n"
    assert files == {b"one" + end, b"\r\n" * 50_000 + end}


def test_an_answer_that_is_not_good_ends_the_measurement() -> None:
    with server(503) as (port, _), pytest.raises(RuntimeError, match="503: b'xxx"):
        answers(port, [form_request("/", {}, b"one")], clients=1, seconds=5)
