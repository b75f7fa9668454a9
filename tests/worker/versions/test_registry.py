"""Model versions in an object store, on hosts that share nothing but it and the database."""

import logging
import os
import socket
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nophoto.models.records.database import Database
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import ModelVersionRow
from nophoto.models.vision.versions import (
    SHIPPED,
    ModelVersion,
    ModelVersionError,
    archive,
    pack_version,
    shipped_version,
    write_manifest,
)
from nophoto.worker.settings import Settings
from nophoto.worker.versions.object_store import VersionStoreError
from nophoto.worker.versions.registry import (
    check_store,
    open_registered,
    register_version,
    store_version,
)
from nophoto.worker.versions.shipped import install_shipped
from tests.object_store import SECRET, Bucket, Gate, users

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Host = Callable[[str], Settings]

of_two_requests = pytest.mark.parametrize("version", [9 << 20], indirect=True)
"""A version of 9 MB that cannot be packed: two blocks."""


def write_version(folder: Path, size: int = 9000, **changed: Any) -> ModelVersion:
    """A version that no engine could run."""
    folder.mkdir()
    (folder / "network.xml").write_text("<net/>")
    (folder / "network.bin").write_bytes(os.urandom(size))
    fields: dict[str, Any] = {
        "backbone": "efficientnet-lite0",
        "input_size": 224,
        "dimension": 4,
        "threshold": 0.5,
        "review_low": 0.4,
        "review_high": 0.6,
        "metrics": {},
    }
    return write_manifest(folder, "lite0", **(fields | changed))


@pytest.fixture
def version(request: pytest.FixtureRequest, tmp_path: Path) -> ModelVersion:
    """A small one, or of the size that the test asks for."""
    return write_version(tmp_path / "trained", getattr(request, "param", 9000))


@pytest.fixture
def host(tmp_path: Path, bucket: Bucket) -> Host:
    """The settings of a host with a home of its own."""

    def host(name: str) -> Settings:
        return Settings(
            _env_file=None, home=tmp_path / name, versions=f"{bucket.uri}/some/versions/"
        )

    return host


@pytest.fixture
def row(database: Database, host: Host, version: ModelVersion) -> ModelVersionRow:
    """Of the version, which a first host put into the store."""
    kept, location = store_version(version.folder, host("first"))
    assert register_version(database, kept, location)
    with database.reading() as session:
        return model_versions.get(session, version.id)


def key(version: ModelVersion) -> str:
    return f"some/versions/{version.id}.zip"


def nowhere() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@of_two_requests
def test_what_one_host_puts_there_another_opens_and_needs_no_store_again(
    row: ModelVersionRow,
    host: Host,
    version: ModelVersion,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert bucket.keys == [key(version)]
    assert row.location == f"{bucket.uri}/{key(version)}"
    second = host("second")
    opened = open_registered(row, second)
    assert opened.folder == second.home_folder / "fetched-versions" / version.id
    assert (opened.digest, opened.manifest) == (version.digest, version.manifest)
    # Nor does a host whose own versions are kept elsewhere.
    third = Settings(_env_file=None, home=host("third").home)
    assert open_registered(row, third).digest == version.digest

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", nowhere())
    assert open_registered(row, second) == opened
    # Without the store a copy that was damaged cannot be made good, and is not opened.
    opened.serving_form.write_text("damaged")
    with pytest.raises(VersionStoreError, match=row.location):
        open_registered(row, second)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.url)
    assert open_registered(row, second) == opened


def test_a_whole_copy_of_another_digest_is_fetched_again(
    row: ModelVersionRow, host: Host, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    here = host("second")
    opened = open_registered(row, here)
    other = replace(row, digest=row.digest[:8] + "0" * 56)
    with pytest.raises(ModelVersionError, match="does not hold"):
        open_registered(other, here)
    assert "is another version" in caplog.text
    assert open_registered(row, here) == opened


@of_two_requests
def test_the_processes_of_a_host_fetch_it_once(
    row: ModelVersionRow,
    host: Host,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate(bucket.url)
    gate.opened.set()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", gate.url)
    second = host("second")
    with ThreadPoolExecutor(6) as threads:
        opened = list(threads.map(lambda _: open_registered(row, second), range(6)))
    assert {each.digest for each in opened} == {row.digest}
    assert gate.asked == 2
    gate.close()


def test_another_content_under_its_name_is_refused_and_leaves_nothing(
    row: ModelVersionRow, host: Host, version: ModelVersion, bucket: Bucket, tmp_path: Path
) -> None:
    other = write_version(tmp_path / "other", 1000)
    pack_version(other, tmp_path / "other.zip")
    whole = bucket.get(key(version))
    for content in ((tmp_path / "other.zip").read_bytes(), b"no archive", whole[:-5000], b""):
        bucket.put(key(version), content)
        with pytest.raises(ModelVersionError) as caught:
            open_registered(row, host("second"))
        for told in (version.id, row.location, "Remove that object", "nophoto model import"):
            assert told in str(caught.value)
        assert [path.name for path in host("second").fetched_folder.iterdir()] == [".lock"]
    # As it says.
    bucket.remove(key(version))
    with pytest.raises(VersionStoreError, match="there is no such object"):
        open_registered(row, host("second"))
    store_version(version.folder, host("first"))
    assert open_registered(row, host("second")).digest == version.digest


def test_an_archive_of_the_store_climbs_nowhere_and_swells_to_nothing(
    row: ModelVersionRow,
    host: Host,
    version: ModelVersion,
    bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as file:
        file.writestr("../../escaped", b"mine")
    bucket.put(key(version), evil.read_bytes())
    with pytest.raises(ModelVersionError, match="does not lie in its folder"):
        open_registered(row, host("second"))
    assert not list(tmp_path.rglob("escaped"))

    monkeypatch.setattr(archive, "MOST_BYTES", 8 << 20)
    with zipfile.ZipFile(evil, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("network.bin", bytes(64 << 20))
    bucket.put(key(version), evil.read_bytes())
    with pytest.raises(ModelVersionError, match="holds more than 8 MB"):
        open_registered(row, host("second"))


def test_a_version_is_put_there_once_and_another_is_never_overwritten(
    row: ModelVersionRow, host: Host, version: ModelVersion, bucket: Bucket, database: Database
) -> None:
    kept, location = store_version(version.folder, host("second"))
    assert location == row.location
    assert not register_version(database, kept, location)
    assert bucket.keys == [key(version)]

    bucket.put(key(version), b"something else")
    with pytest.raises(ModelVersionError, match="Remove that object"):
        store_version(version.folder, host("third"))
    assert bucket.get(key(version)) == b"something else"


def test_what_lay_in_a_folder_is_found_in_the_store_once_it_was_put_there(
    database: Database, host: Host, version: ModelVersion, tmp_path: Path
) -> None:
    install_shipped(database)
    first = Settings(_env_file=None, home=tmp_path / "first", versions=str(tmp_path / "folder"))
    kept, location = store_version(version.folder, first)
    assert location == str(tmp_path / "folder" / version.id)
    register_version(database, kept, location)

    for known in (version, shipped_version()):
        moved, location = store_version(known.folder, host("first"))
        assert not register_version(database, moved, location)
    with database.reading() as session:
        row = model_versions.get(session, version.id)
        # That one comes with every host's nophoto.
        assert model_versions.get(session, shipped_version().id).location == SHIPPED
    assert open_registered(row, host("second")).folder.is_relative_to(host("second").home)


@pytest.mark.parametrize("is_in_store", [True, False])
def test_what_an_earlier_nophoto_shipped_can_be_brought_back(
    database: Database, host: Host, version: ModelVersion, tmp_path: Path, is_in_store: bool
) -> None:
    assert register_version(database, version, SHIPPED)
    here = host("first") if is_in_store else Settings(_env_file=None, home=tmp_path / "first")
    kept, location = store_version(version.folder, here)
    assert not register_version(database, kept, location)
    with database.reading() as session:
        row = model_versions.get(session, version.id)
    assert row.location == location
    assert open_registered(row, here).digest == version.digest


def test_a_store_that_is_away_is_named_with_the_remedy(
    row: ModelVersionRow,
    host: Host,
    version: ModelVersion,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    check_store(host("second"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", nowhere())
    with caplog.at_level(logging.DEBUG, "worker"):
        for asked in (
            lambda: open_registered(row, host("second")),
            lambda: store_version(version.folder, host("second")),
            lambda: check_store(host("second")),
        ):
            with pytest.raises(VersionStoreError, match=bucket.uri) as caught:
                asked()
            assert SECRET not in str(caught.value)
    assert SECRET not in caplog.text


def test_a_bucket_that_is_not_there_and_a_key_that_is_not_given(
    host: Host,
    version: ModelVersion,
    tmp_path: Path,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = Settings(_env_file=None, home=tmp_path / "home", versions="s3://nowhere-at-all")
    with pytest.raises(VersionStoreError, match="there is no such bucket"):
        store_version(version.folder, missing)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(VersionStoreError, match="no valid credentials"):
        store_version(version.folder, host("first"))


@pytest.mark.parametrize("writes", [False, True])
def test_a_place_is_checked_before_it_is_needed(
    database: Database,
    host: Host,
    bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    writes: bool,
) -> None:
    here = host("first")
    for _ in range(2):
        check_store(here, writes=writes)
    assert bucket.keys == (["some/versions/.probe"] if writes else [])

    gone = Settings(_env_file=None, home=tmp_path / "home", versions="s3://nowhere-at-all")
    with pytest.raises(VersionStoreError, match=r"no such bucket\).*NOPHOTO_VERSIONS"):
        check_store(gone, writes=writes)

    with users(bucket.url, reader="s3:Get*", writer="s3:Put*") as keys:
        for user, may in (("reader", not writes), ("writer", True)):
            for name, value in keys[user].items():
                monkeypatch.setenv(name, value)
            # A key that may not list objects is refused those that are not there.
            with nullcontext() if may else pytest.raises(VersionStoreError, match="status 403"):
                check_store(here, writes=writes)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "unknown")
        with pytest.raises(VersionStoreError, match="no valid credentials"):
            check_store(here, writes=writes)

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(VersionStoreError, match="no valid credentials"):
        check_store(here, writes=writes)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("https://host/versions", "s3://, gs://, az://"),
        ("file:///srv/versions", "s3://, gs://, az://"),
        ("s3://", "name a bucket"),
        ("gs:///versions", "name a bucket"),
        (f"s3://user:{SECRET}@bucket", "docs/storage.md"),
    ],
)
def test_places_that_are_none_are_refused(database: Database, value: str, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, versions=value)
    assert told in caught.value.errors()[0]["msg"]
