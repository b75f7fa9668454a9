"""Where anchors come from, and what is refused: pairs that do not match, archives that do harm."""

import stat
import zipfile
from pathlib import Path

import pytest

from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.baseline import archives
from nophoto.models.vision.training.baseline.anchors import AnchorsError, find_anchors
from nophoto.models.vision.training.baseline.archives import ArchiveError


def files(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def packed(folder: Path, archive: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                opened.write(path, prefix + path.relative_to(folder).as_posix())
    return archive


def names(paths: object) -> list[str]:
    return [Path(path).read_bytes().decode() for path in paths]  # type: ignore[attr-defined]


def test_without_a_source_they_are_the_shipped_references(tmp_path: Path) -> None:
    found = find_anchors(None, tmp_path)
    assert list(found.subjects) == list(range(len(shipped_references())))
    assert found.positives is None


def test_a_folder_and_its_archive_give_the_same_anchors(tmp_path: Path) -> None:
    folder = files(tmp_path / "in", "b.png", "a/c.jpg", "a/.hidden", ".git/d.png", "__MACOSX/e.png")
    expected = ["a/c.jpg", "b.png"]
    assert names(find_anchors(folder, tmp_path / "1").subjects) == expected
    archive = packed(folder, tmp_path / "archive.zip")
    assert names(find_anchors(archive, tmp_path / "2").subjects) == expected
    nested = packed(folder, tmp_path / "nested.zip", "pictures/")
    assert names(find_anchors(nested, tmp_path / "3").subjects) == expected


def test_pairs_come_from_folders_archives_or_an_archive_of_folders(tmp_path: Path) -> None:
    folder = files(tmp_path / "in", "left/2.png", "left/1.png", "right/1.jpg", "right/2.jpg")
    zipped = tmp_path / "zipped"
    zipped.mkdir()
    for side in ("left", "right"):
        packed(folder / side, zipped / f"{side}.zip", f"{side}/")
    whole = packed(folder, tmp_path / "archive.zip")
    for place, source in enumerate((folder, zipped, whole)):
        found = find_anchors(source, tmp_path / str(place))
        assert [name[-5:] for name in names(found.subjects)] == ["1.png", "2.png"]
        assert found.positives is not None
        assert [name[-5:] for name in names(found.positives)] == ["1.jpg", "2.jpg"]


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (["left/1.png", "left/2.png", "right/1.png"], "it holds 2 and 1"),
        (["left/1.png"], "holds only `left`"),
        ([".hidden"], "holds no picture"),
    ],
)
def test_what_does_not_match_is_named(tmp_path: Path, inside: list[str], message: str) -> None:
    with pytest.raises(AnchorsError, match=message):
        find_anchors(files(tmp_path / "in", *inside), tmp_path / "scratch")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnchorsError, match="no file or folder"):
        find_anchors(tmp_path / "nothing", tmp_path / "scratch")


@pytest.mark.parametrize(
    "name", ["../out.png", "a/../../out.png", "/tmp/out.png", "..\\out.png", "C:/out.png"]
)
def test_a_path_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(name, b"harm")
    with pytest.raises(ArchiveError, match="leads out"):
        find_anchors(archive, tmp_path / "scratch")
    assert [path.name for path in tmp_path.rglob("*.png")] == []


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as opened:
        opened.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveError, match="leads out"):
        find_anchors(tmp_path / "archive.zip", tmp_path / "scratch")


def test_a_bomb_is_stopped_by_what_comes_out_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 3 * 2**20)
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for number in range(4):
            opened.writestr(f"{number}.png", bytes(2**20))
    with pytest.raises(ArchiveError, match="is a bomb"):
        find_anchors(archive, tmp_path / "scratch")
    # One file alone, whatever the header says of its size.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("large.png", bytes(33 * 2**20))
    monkeypatch.setattr(archives, "MOST_BYTES", 2**40)
    with pytest.raises(ArchiveError, match="is a bomb"):
        find_anchors(archive, tmp_path / "other")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    folder = files(tmp_path / "in", "1.png", "2.png", "3.png")
    with pytest.raises(ArchiveError, match="holds 3 files"):
        find_anchors(packed(folder, tmp_path / "archive.zip"), tmp_path / "scratch")


@pytest.mark.parametrize("cut", [0, 30, 120])
def test_a_damaged_archive_is_named(tmp_path: Path, cut: int) -> None:
    archive = packed(files(tmp_path / "in", "1.png", "2.png"), tmp_path / "archive.zip")
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        find_anchors(archive, tmp_path / "scratch")


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("a", b"file")
        opened.writestr("a/b.png", b"in it")
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        find_anchors(archive, tmp_path / "scratch")
