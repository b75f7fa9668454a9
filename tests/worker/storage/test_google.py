"""Uploads in Google Cloud Storage: requests to an emulator of it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from gcp_storage_emulator.server import create_server

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.storage.fetch import MissingError
from nophoto.worker.storage.object_store import ObjectStore
from nophoto.worker.storage.storage import Storage

LIMITS = PictureLimits(max_bytes=1000)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A root with some objects."""
    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket="bucket")
    server.start()
    port = server._api._httpd.server_port
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    for name, size in {"a b.jpg": 4, "full.jpg": 1000, "large.jpg": 1001}.items():
        query = urlencode({"uploadType": "media", "name": f"in/{name}"})
        url = f"http://127.0.0.1:{port}/upload/storage/v1/b/bucket/o?{query}"
        urlopen(Request(url, b"x" * size, {"Content-Type": "image/jpeg"})).close()
    monkeypatch.setenv("FSSPEC_GS_TOKEN", "anon")
    yield "gs://bucket/in"
    server.stop()


def test_reads_what_is_there_and_bounds_it(root: str) -> None:
    storage = Storage([root], LIMITS)
    assert storage.read(f"{root}/a b.jpg") == b"xxxx"
    assert storage.read(f"{root}/full.jpg") == b"x" * 1000
    for name, code in (("large", FailureCode.TOO_LARGE), ("gone", FailureCode.MISSING)):
        with pytest.raises(PictureError) as caught:
            storage.read(f"{root}/{name}.jpg")
        assert caught.value.code == code


@pytest.mark.parametrize("size", [1000, 6 << 20])
def test_writes_an_object_in_one_request_or_several(root: str, tmp_path: Path, size: int) -> None:
    store = ObjectStore("gs", 20)
    uri = f"{root}/versions/some.zip"
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    store.write(uri, file, 20)
    assert store.read(uri, 10, size + 10, 20) == b"x" * (size - 10)
    # That it never writes over another is not seen here: the emulator knows no conditions.
    with pytest.raises(MissingError):
        store.write("gs://nowhere/some.zip", file, 20)
