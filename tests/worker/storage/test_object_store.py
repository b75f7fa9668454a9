"""Uploads in S3 (moto's server) and Google Cloud Storage (an emulator): real requests."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import unquote

import pytest

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.storage.remote import RootError
from nophoto.worker.storage.storage import Storage
from tests.object_store import KEY, SECRET, Bucket
from tests.object_store import environment as environment_of

LIMITS = PictureLimits(max_bytes=1000)
ROOT = "s3://bucket/in"


@pytest.fixture(scope="module")
def server(object_store: str) -> str:
    """The URL of an S3 server with some objects."""
    bucket = Bucket(object_store, "bucket")
    for key, data in {
        "in/a.jpg": b"data",
        "in/ä b+c%20?x=1#y.jpg": b"odd",
        "in/a.jpg?versionId=null": b"another",
        "in/?versionId=": b"no name",
        "in/v.jpg?versionId=7/x?versionId=#8": b"twice",
        "in/empty.jpg": b"",
        "in/full.jpg": b"x" * LIMITS.max_bytes,
        "in/large.jpg": b"x" * (LIMITS.max_bytes + 1),
        "in/huge.jpg": b"x" * 20_000_000,
        "out.jpg": b"secret",
    }.items():
        bucket.put(key, data)
    return object_store


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    """What an operator sets for S3's own tools."""
    for name, value in environment_of(server).items():
        monkeypatch.setenv(name, value)


def refused(uri: str, *roots: str, timeout: float = 20) -> tuple[FailureCode, str]:
    with pytest.raises(PictureError) as caught:
        Storage(roots or [ROOT], LIMITS, timeout=timeout).read(uri)
    assert SECRET not in str(caught.value)
    return caught.value.code, str(caught.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", b"data"),
        ("ä b+c%20?x=1#y.jpg", b"odd"),
        ("a.jpg?versionId=null", b"another"),
        ("?versionId=", b"no name"),
        ("v.jpg?versionId=7/x?versionId=#8", b"twice"),
        ("empty.jpg", b""),
        ("full.jpg", b"x" * LIMITS.max_bytes),
    ],
)
def test_reads_below_a_root(name: str, data: bytes) -> None:
    storage = Storage(["/srv", "s3://other", ROOT], LIMITS)
    assert storage.read(f"{ROOT}/{name}") == data


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/out.jpg",
        "s3://bucket/in/../out.jpg",
        "s3://bucket/in/%2e%2e/out.jpg",
        "s3://bucket/inside.jpg",
        "s3://bucket/in",
        "s3://elsewhere/in/a.jpg",
        "S3://bucket/out.jpg",
    ],
)
def test_refuses_what_is_not_below_it(uri: str) -> None:
    assert refused(uri)[0] == FailureCode.FORBIDDEN


def test_takes_no_chain_of_schemes() -> None:
    assert refused(f"{ROOT}/a.jpg::file:///etc/passwd")[0] == FailureCode.MISSING


def test_bounds_what_it_reads_and_says_what_is_missing() -> None:
    assert refused(f"{ROOT}/large.jpg")[0] == FailureCode.TOO_LARGE
    assert refused(f"{ROOT}/gone.jpg")[0] == FailureCode.MISSING
    assert refused("s3://nowhere/in/a.jpg", "s3://nowhere")[0] == FailureCode.MISSING
    assert refused(f"{ROOT}/huge.jpg")[0] == FailureCode.TOO_LARGE


@pytest.mark.parametrize("key", ["a.jpg?versionId=7", "a.jpg?versionid=null", "gone.jpg?a=1#b"])
def test_an_error_names_the_key_that_was_asked_for(key: str) -> None:
    assert refused(f"{ROOT}/{key}") == (
        FailureCode.MISSING,
        f"there is no object {ROOT}/{key}; upload the picture again",
    )
    code, message = refused(f"s3://elsewhere/{key}")
    assert code == FailureCode.FORBIDDEN
    assert f"s3://elsewhere/{key} is outside" in message


def test_a_blob_of_azure_is_asked_for_by_its_whole_name(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "a b.jpg?versionid=7#8"
    with answering((206, b"data")) as (url, seen):
        key = b64encode(b"a key").decode()
        monkeypatch.setenv(
            "AZURE_STORAGE_CONNECTION_STRING",
            f"DefaultEndpointsProtocol=http;AccountName=us;AccountKey={key};BlobEndpoint={url}/us;",
        )
        assert Storage(["az://box/in"], LIMITS).read(f"az://box/in/{name}") == b"data"
    assert [unquote(path) for path, _ in seen] == [f"/us/box/in/{name}"]
    assert "?" not in seen[0][0]


def test_without_credentials_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    code, message = refused(f"{ROOT}/a.jpg")
    assert code == FailureCode.FORBIDDEN
    assert "credentials" in message


def test_refuses_roots_that_it_cannot_read() -> None:
    for root, text in (
        ("local:///tmp", "local"),
        ("memory://x", "memory"),
        ("http://host/", "http"),
        (f"s3://{KEY}:{SECRET}@bucket", "password"),
    ):
        with pytest.raises(RootError, match=text) as caught:
            Storage([root], LIMITS)
        assert SECRET not in str(caught.value)


@contextmanager
def answering(*answers: tuple[int, bytes] | None) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that gives these answers in turn, the last one for ever; None is none in time.

    With what was asked for: paths, and ranges of each.
    """
    seen: list[tuple[str, str]] = []
    over = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = answers[min(len(seen), len(answers) - 1)]
            seen.append((self.path, self.headers.get("Range", "")))
            if answer is None:
                over.wait(100)
                answer = (200, b"late")
            self.send_response(answer[0])
            size = len(answer[1])
            self.send_header("Content-Length", str(size))
            self.send_header("Content-Range", f"bytes 0-{size - 1}/{size}")
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        over.set()
        server.shutdown()
        server.server_close()


class TestStorageThatFails:
    def test_is_asked_again_and_again_for_a_range(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with answering((503, b""), (500, b""), (206, b"data")) as (url, seen):
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
            assert Storage([ROOT], LIMITS).read(f"{ROOT}/a.jpg") == b"data"
        assert [asked for _, asked in seen] == ["bytes=0-1000"] * 3

    def test_is_not_asked_again_for_what_it_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with answering((403, b"")) as (url, seen):
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
            assert refused(f"{ROOT}/a.jpg")[0] == FailureCode.FORBIDDEN
        assert len(seen) == 1

    def test_that_stays_broken_ends_as_a_timeout_with_the_remedy(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        with answering((503, b"")) as (url, seen), caplog.at_level(logging.DEBUG):
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
            code, message = refused(f"{ROOT}/a.jpg")
        assert (code, len(seen)) == (FailureCode.TIMEOUT, 4)
        assert "503" in message
        assert "nophoto retry" in message

    def test_that_hangs_costs_no_more_than_the_patience(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with answering(None) as (url, _):
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
            # A longer wait gets the late answer, which is none of a timeout.
            assert refused(f"{ROOT}/a.jpg", timeout=1)[0] == FailureCode.TIMEOUT

    def test_that_is_not_there_ends_as_a_timeout(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with answering((200, b"")) as (url, _):
            pass
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        assert refused(f"{ROOT}/a.jpg")[0] == FailureCode.TIMEOUT
