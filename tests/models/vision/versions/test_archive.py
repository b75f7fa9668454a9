import errno
import os
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from nophoto.models.vision.versions import (
    MANIFEST,
    ModelVersion,
    ModelVersionError,
    archive,
    keep_version,
    open_version,
    pack_version,
    unfinished,
    unpack_version,
    write_manifest,
)


@pytest.fixture
def version(tmp_path: Path) -> ModelVersion:
    folder = tmp_path / "version"
    folder.mkdir()
    (folder / "network.xml").write_text("<net/>")
    (folder / "network.bin").write_bytes(os.urandom(200_000))
    return write_manifest(
        folder,
        "lite0",
        backbone="efficientnet-lite0",
        input_size=224,
        dimension=4,
        threshold=0.5,
        review_low=0.4,
        review_high=0.6,
        metrics={},
    )


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    return tmp_path / "versions"


@pytest.fixture
def packed(version: ModelVersion, tmp_path: Path) -> Path:
    file = tmp_path / "packed.zip"
    pack_version(version, file)
    return file


def repack(packed: Path, out: Path, **changes: bytes | None) -> Path:
    """A copy whose entries are changed, added, or left out where the bytes are None."""
    with zipfile.ZipFile(packed) as before, zipfile.ZipFile(out, "w") as after:
        entries: dict[str, bytes | None] = {n: before.read(n) for n in before.namelist()}
        for name, data in (entries | changes).items():
            if data is not None:
                after.writestr(name, data)
    return out


def test_a_version_comes_out_as_it_went_in(
    version: ModelVersion, packed: Path, versions: Path, tmp_path: Path
) -> None:
    unpacked = unpack_version(packed, versions)
    assert unpacked.folder == versions / version.id
    assert (unpacked.digest, unpacked.manifest) == (version.digest, version.manifest)
    assert open_version(unpacked.folder) == unpacked
    assert unpack_version(packed, versions) == unpacked  # a second time
    assert [path.name for path in versions.iterdir()] == [version.id]

    again = tmp_path / "again.zip"
    os.utime(version.serving_form, (0, 0))
    pack_version(unpacked, again)
    assert again.read_bytes() == packed.read_bytes()


def test_a_folder_is_kept_and_a_damaged_copy_is_replaced(
    version: ModelVersion, versions: Path
) -> None:
    kept = keep_version(version.folder, versions)
    kept.serving_form.write_text("damaged")
    assert keep_version(version.folder, versions) == kept
    assert open_version(kept.folder) == kept
    version.serving_form.write_text("changed by hand")
    with pytest.raises(ModelVersionError, match="was changed since"):
        keep_version(version.folder, versions)


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "folder/outside", "..", "a\\..\\outside", "folder/"]
)
def test_paths_that_climb_out_are_refused(
    packed: Path, versions: Path, tmp_path: Path, name: str
) -> None:
    evil = repack(packed, tmp_path / "evil.zip", **{name: b"mine"})
    with pytest.raises(ModelVersionError, match="does not lie in its folder"):
        unpack_version(evil, versions)
    assert list(versions.iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_a_bomb_is_not_unpacked(
    packed: Path, versions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 8 << 20)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("network.bin", bytes(64 << 20))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(ModelVersionError, match="holds more than 8 MB"):
        unpack_version(bomb, versions)
    assert list(versions.iterdir()) == []

    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as file:
        for number in range(1000):
            file.writestr(str(number), b"")
    with pytest.raises(ModelVersionError, match="1,000 entries"):
        unpack_version(many, versions)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_the_manifest_does_not_pin_is_refused(
    packed: Path, versions: Path, tmp_path: Path
) -> None:
    for number, (changes, message) in enumerate(
        (
            ({"network.bin": b"other weights"}, "was changed since"),
            ({"extra.py": b"import os"}, r"holds extra\.py"),
            ({"network.xml": None}, r"lacks .*network\.xml"),
            ({MANIFEST: None}, "no model version in"),
            ({MANIFEST: b"{}"}, "is not valid"),
        )
    ):
        changed = repack(packed, tmp_path / f"{number}.zip", **changes)
        with pytest.raises(ModelVersionError, match=message):
            unpack_version(changed, versions)
    twice = tmp_path / "twice.zip"
    twice.write_bytes(packed.read_bytes())
    with zipfile.ZipFile(twice, "a") as file:
        file.writestr("network.xml", "<other/>")
    with pytest.raises(ModelVersionError, match="twice"):
        unpack_version(twice, versions)
    assert list(versions.iterdir()) == []


def test_what_is_no_archive_or_a_torn_one_is_refused(
    packed: Path, versions: Path, tmp_path: Path
) -> None:
    data = packed.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0xFF
    for torn in (b"", b"no archive", data[:-100], data[: len(data) // 2], bytes(flipped)):
        file = tmp_path / "torn.zip"
        file.write_bytes(torn)
        with pytest.raises(ModelVersionError, match=r"torn\.zip is not a model version"):
            unpack_version(file, versions)
    with pytest.raises(ModelVersionError, match=r"absent\.zip cannot be read"):
        unpack_version(tmp_path / "absent.zip", versions)


def test_a_disk_without_room_leaves_nothing_and_says_so(
    version: ModelVersion,
    packed: Path,
    versions: Path,
    tmp_path: Path,
    limit_file_size: Callable[[int], AbstractContextManager[None]],
) -> None:
    (tmp_path / "out").mkdir()
    for act in (
        lambda: unpack_version(packed, versions),
        lambda: keep_version(version.folder, versions),
        lambda: pack_version(version, tmp_path / "out" / "full.zip"),
    ):
        full = pytest.raises(ModelVersionError, match=f"{os.strerror(errno.EFBIG)}.*Make room")
        with limit_file_size(100_000), full:
            act()
    assert list(versions.iterdir()) == []
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_import_left_is_removed_by_a_later_one(packed: Path, versions: Path) -> None:
    old, new, slow = (versions / f".unfinished-{name}" for name in ("old", "new", "slow"))
    for left in (old, new, slow):
        (left / "version").mkdir(parents=True)
    # That of a slow host: begun long ago, and still written to.
    (slow / "version" / "network.zip").touch()
    for path in (old, old / "version", slow, slow / "version"):
        os.utime(path, (time.time() - 7200,) * 2)
    unpack_version(packed, versions)
    assert not old.exists()
    assert new.exists()
    assert slow.exists()


def test_imports_that_remove_the_same_leavings_do_not_disturb_each_other(versions: Path) -> None:
    def enter(_: int) -> None:
        with unfinished(versions):
            pass

    for _ in range(20):
        for number in range(30):
            left = versions / f".unfinished-{number}"
            left.mkdir(parents=True)
            os.utime(left, (time.time() - 7200,) * 2)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(enter, range(8)))
        assert list(versions.iterdir()) == []
