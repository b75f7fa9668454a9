"""Uploads in Azure Blob Storage: requests to Azurite, Microsoft's own emulator of it."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from azure.storage.blob import BlobServiceClient

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.storage.fetch import ExistsError, MissingError
from nophoto.worker.storage.object_store import ObjectStore
from nophoto.worker.storage.storage import Storage

LIMITS = PictureLimits(max_bytes=1000)
AZURITE = shutil.which("azurite-blob")
# The account and the key that every Azurite has, which its documentation prints.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

pytestmark = pytest.mark.skipif(
    AZURITE is None, reason="NO AZURE BLOB STORAGE HERE: `npm install --global azurite`"
)


def connection(port: int, key: str = KEY) -> str:
    return (
        f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={key};"
        f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;"
    )


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where an emulator with some blobs answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    options = ("--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry")
    folder = tmp_path_factory.mktemp("azurite")
    with subprocess.Popen(
        [str(AZURITE), "--blobPort", str(port), *options], cwd=folder, stdout=subprocess.DEVNULL
    ) as server:
        deadline = monotonic() + 60
        while not _answers(port):
            assert monotonic() < deadline
            sleep(0.1)
        client = BlobServiceClient.from_connection_string(connection(port))
        container = client.create_container("photos")
        blobs = {"a b+ä.jpg": 4, "empty.jpg": 0, "full.jpg": 1000, "large.jpg": 1001}
        for name, size in blobs.items():
            container.upload_blob(f"in/{name}", b"x" * size)
        container.upload_blob("out.jpg", b"secret")
        yield port
        server.terminate()


def test_reads_what_is_there_and_bounds_it(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection(port))
    root = "az://photos/in"
    storage = Storage([root], LIMITS)
    assert storage.read(f"{root}/a b+ä.jpg") == b"xxxx"
    assert storage.read(f"{root}/empty.jpg") == b""
    assert storage.read(f"{root}/full.jpg") == b"x" * 1000
    for uri, code in {
        f"{root}/large.jpg": FailureCode.TOO_LARGE,
        f"{root}/gone.jpg": FailureCode.MISSING,
        "az://nowhere/in/a.jpg": FailureCode.FORBIDDEN,
        "az://photos/out.jpg": FailureCode.FORBIDDEN,
    }.items():
        with pytest.raises(PictureError) as caught:
            storage.read(uri)
        assert caught.value.code == code, uri


def test_a_key_that_is_refused_is_named_and_not_printed(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = KEY.replace("Eby8", "AAAA")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection(port, wrong))
    with pytest.raises(PictureError) as caught:
        Storage(["az://photos/in"], LIMITS).read("az://photos/in/full.jpg")
    assert caught.value.code == FailureCode.FORBIDDEN
    assert wrong not in str(caught.value)


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_writes_a_blob_once_and_never_over_another(
    port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection(port))
    store = ObjectStore("az", 20)
    uri = "az://photos/versions/some.zip"
    file = tmp_path / "file"
    file.write_bytes(b"x" * 1000)
    store.write(uri, file, 20)
    assert store.read(uri, 10, 2000, 20) == b"x" * 990
    assert store.read(uri, 1000, 2000, 20) == b""
    file.write_bytes(b"another")
    with pytest.raises(ExistsError):
        store.write(uri, file, 20)
    assert store.read(uri, 0, 10, 20) == b"x" * 10
    with pytest.raises(MissingError):
        store.write("az://nowhere/some.zip", file, 20)
