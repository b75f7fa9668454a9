"""Uploads over HTTPS: a real server with a certificate, and every way to lead a worker astray."""

import socket
import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
import trustme

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.storage.remote import RootError
from nophoto.worker.storage.storage import Storage

LIMITS = PictureLimits(max_bytes=1000)
LOCAL = ("127.0.0.0/8", "::1/128")


class Server:
    """Answers by path; `seen` is what it was asked for."""

    def __init__(self, context: ssl.SSLContext) -> None:
        seen = self.seen = list[str]()
        redirects = self.redirects = dict[str, str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.path)
                if self.path in redirects:
                    self.send_response(302)
                    self.send_header("Location", redirects[self.path])
                    self.end_headers()
                elif self.path == "/in/endless.jpg":
                    self.send_response(200)
                    self.end_headers()
                    while True:
                        self.wfile.write(b"x" * 100_000)
                elif self.path == "/in/slow.jpg":
                    self.send_response(200)
                    self.end_headers()
                    for _ in range(100):
                        self.wfile.write(b"x")
                        self.wfile.flush()
                        sleep(0.1)
                elif self.path.startswith("/in/status-"):
                    self.send_response(int(self.path[11:14]))
                    self.end_headers()
                else:
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b"data")

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = self._server.server_port

    @property
    def root(self) -> str:
        return f"https://localhost:{self.port}/in"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Whom this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


@pytest.fixture
def start(authority: trustme.CA) -> Iterator[Callable[..., Server]]:
    """Starts servers, whose certificate is for `localhost` by default."""
    started: list[Server] = []

    def start(*names: str) -> Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("localhost", "127.0.0.1"))).configure_cert(context)
        started.append(Server(context))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def storage(*roots: str, timeout: float = 20, private: tuple[str, ...] = LOCAL) -> Storage:
    return Storage(roots, LIMITS, timeout=timeout, private_networks=private)


def refused(storage: Storage, uri: str) -> tuple[FailureCode, str]:
    with pytest.raises(PictureError) as caught:
        storage.read(uri)
    return caught.value.code, str(caught.value)


def test_reads_below_a_root_and_only_there(start: Callable[..., Server]) -> None:
    server = start()
    reader = storage(server.root)
    assert reader.read(f"{server.root}/a.jpg?size=large") == b"data"
    server.seen.clear()
    for uri in (
        f"https://localhost:{server.port}/out.jpg",
        f"{server.root}/../out.jpg",
        f"{server.root}/%2e%2e/out.jpg",
        f"{server.root}/%2E./out.jpg",
        f"{server.root}/a/..\\..\\out.jpg",
        f"{server.root}side.jpg",
        f"https://127.0.0.1:{server.port}/in/a.jpg",
        f"https://localhost:{server.port}@127.0.0.1/in/a.jpg",
        f"http://localhost:{server.port}/in/a.jpg",
    ):
        assert refused(reader, uri)[0] == FailureCode.FORBIDDEN, uri
    assert not server.seen


def test_nothing_is_fetched_where_no_root_is_of_https(start: Callable[..., Server]) -> None:
    server = start()
    assert refused(storage("/srv"), f"{server.root}/a.jpg")[0] == FailureCode.FORBIDDEN
    assert not server.seen


def test_redirects_lead_nowhere_but_to_roots(start: Callable[..., Server]) -> None:
    server, other = start(), start()
    server.redirects |= {
        "/in/inside.jpg": "/in/a.jpg",
        "/in/up.jpg": "/out.jpg",
        "/in/other.jpg": f"{other.root}/a.jpg",
        "/in/http.jpg": f"http://localhost:{server.port}/in/a.jpg",
        "/in/loop.jpg": "/in/loop.jpg",
    }
    reader = storage(server.root)
    assert reader.read(f"{server.root}/inside.jpg") == b"data"
    for name in ("up", "other", "http"):
        assert refused(reader, f"{server.root}/{name}.jpg")[0] == FailureCode.FORBIDDEN
    assert not other.seen
    assert "/out.jpg" not in server.seen
    assert refused(reader, f"{server.root}/loop.jpg")[0] == FailureCode.UNREADABLE
    assert storage(server.root, other.root).read(f"{server.root}/other.jpg") == b"data"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:7f00:1]", "0.0.0.0", "169.254.169.254"]
)
def test_private_addresses_are_not_connected_to(host: str, start: Callable[..., Server]) -> None:
    server = start()
    root = f"https://{host}:{server.port}/in"
    code, message = refused(storage(root, private=()), f"{root}/a.jpg")
    assert code == FailureCode.FORBIDDEN
    assert "NOPHOTO_PRIVATE_NETWORKS" in message
    assert not server.seen


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start("rebinding.example")
    answers = iter(["93.184.215.14", "127.0.0.1"])
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *rest: object, **named: object) -> list[tuple]:
        if host != "rebinding.example":
            return real(host, port, *rest, **named)
        return real(next(answers, "127.0.0.1"), port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    # The first answer is what somebody who checks beforehand would see.
    assert socket.getaddrinfo("rebinding.example", 443)[0][4][0] == "93.184.215.14"
    root = f"https://rebinding.example:{server.port}/in"
    assert refused(storage(root, private=()), f"{root}/a.jpg")[0] == FailureCode.FORBIDDEN
    assert not server.seen
    assert storage(root).read(f"{root}/a.jpg") == b"data"


def test_a_certificate_has_to_be_that_of_the_host(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start("elsewhere.example")
    code, message = refused(storage(server.root), f"{server.root}/a.jpg")
    assert (code, "certificate" in message) == (FailureCode.UNREADABLE, True)
    monkeypatch.delenv("SSL_CERT_FILE")
    server = start()
    assert refused(storage(server.root), f"{server.root}/a.jpg")[0] == FailureCode.UNREADABLE


def test_what_never_ends_and_what_dribbles_is_bounded(start: Callable[..., Server]) -> None:
    server = start()
    reader = storage(server.root, timeout=1)
    assert refused(reader, f"{server.root}/endless.jpg")[0] == FailureCode.TOO_LARGE
    # A wait for its end gets a whole answer.
    assert refused(reader, f"{server.root}/slow.jpg")[0] == FailureCode.TIMEOUT


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, FailureCode.MISSING),
        (403, FailureCode.FORBIDDEN),
        (400, FailureCode.UNREADABLE),
        (503, FailureCode.TIMEOUT),
    ],
)
def test_each_status_has_its_code(
    status: int, code: FailureCode, start: Callable[..., Server]
) -> None:
    server = start()
    uri = f"{server.root}/status-{status}.jpg?signature=s3cret"
    found, message = refused(storage(server.root), uri)
    assert found == code
    assert "s3cret" not in message
    assert len(server.seen) == (4 if code == FailureCode.TIMEOUT else 1)


def test_a_root_with_a_password_is_refused() -> None:
    with pytest.raises(RootError, match="password") as caught:
        Storage(["https://me:s3cret@host/in"], LIMITS)
    assert "s3cret" not in str(caught.value)
