import os
import socket
import threading
from pathlib import Path

import pytest

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.storage import storage
from nophoto.worker.storage.storage import Storage

LIMITS = PictureLimits(max_bytes=1000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the root."""
    path = tmp_path / "secret"
    path.write_bytes(b"secret")
    return path


def refused(root: Path | str, uri: Path | str) -> tuple[FailureCode, str]:
    with pytest.raises(PictureError) as caught:
        Storage([str(root)], LIMITS).read(str(uri))
    return caught.value.code, str(caught.value)


def test_reads_paths_and_file_uris_below_a_root(root: Path) -> None:
    path = root / "ä b.jpg"
    path.write_bytes(b"data")
    storage = Storage([str(root)], LIMITS)
    assert storage.read(str(path)) == b"data"
    assert storage.read(path.as_uri()) == b"data"
    assert storage.read(f"file://localhost{path.as_uri().removeprefix('file://')}") == b"data"
    assert Storage([root.as_uri()], LIMITS).read(str(path)) == b"data"


def test_a_root_and_what_lies_in_it_may_be_links_that_stay_inside(
    root: Path, tmp_path: Path
) -> None:
    (root / "real.jpg").write_bytes(b"data")
    (root / "link.jpg").symlink_to(root / "real.jpg")
    alias = tmp_path / "alias"
    alias.symlink_to(root)
    assert Storage([str(alias)], LIMITS).read(str(alias / "link.jpg")) == b"data"


@pytest.mark.parametrize(
    "uri",
    [
        "{root}/../secret",
        "{root}/missing/../../secret",
        "file://{root}/%2e%2e/secret",
        "FILE://{root}/../secret",
        "{secret}",
        "{root}x/picture.jpg",
        "{root}/../nothing-there",
        "/etc/passwd",
        "/dev/zero",
        "file://elsewhere{root}/picture.jpg",
        "relative.jpg",
        "./relative.jpg",
        "",
        "{root}/a\0b",
        "file://{root}/a%00b",
        "s3://bucket/picture.jpg",
        "local://{root}/../secret",
        "simplecache::file://{secret}",
        "http://localhost/picture.jpg",
        "unknown://x",
        "https://localhost/picture.jpg",
        "memory://x",
    ],
)
def test_refuses_all_that_leads_out(uri: str, root: Path, secret: Path) -> None:
    code, _ = refused(root, uri.format(root=root, secret=secret))
    assert code == FailureCode.FORBIDDEN


def test_refuses_links_out_of_the_root(root: Path, secret: Path) -> None:
    (root / "link.jpg").symlink_to(secret)
    (root / "folder").symlink_to(secret.parent)
    (root / "relative.jpg").symlink_to("../secret")
    for name in ("link.jpg", "folder/secret", "relative.jpg"):
        assert refused(root, root / name)[0] == FailureCode.FORBIDDEN


def test_a_link_that_is_exchanged_all_the_time_never_leaks(root: Path, secret: Path) -> None:
    (root / "good").write_bytes(b"good")
    (root / "folder").mkdir()
    (root / "folder" / "secret").write_bytes(b"inside")
    (root / "link").symlink_to(root / "folder")
    ends = threading.Event()

    def exchange() -> None:
        targets = [secret.parent, root / "folder"]
        while not ends.is_set():
            targets.reverse()
            (root / "new").symlink_to(targets[0])
            (root / "new").replace(root / "link")

    thread = threading.Thread(target=exchange)
    thread.start()
    storage = Storage([str(root)], LIMITS)
    seen = set()
    try:
        for _ in range(3000):
            try:
                seen.add(storage.read(str(root / "link" / "secret")))
            except PictureError as error:
                seen.add(error.code)
    finally:
        ends.set()
        thread.join()
    assert b"secret" not in seen
    assert {b"inside", FailureCode.FORBIDDEN} <= seen


def test_opens_nothing_but_regular_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(root / "fifo")
    (root / "folder").mkdir()
    monkeypatch.chdir(root)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        for name, kind in (("fifo", "FIFO"), ("folder", "directory"), ("socket", "socket")):
            code, message = refused(root, root / name)
            assert code == FailureCode.UNREADABLE
            assert kind in message
    code, message = refused("/dev", "/dev/zero")
    assert (code, "device" in message) == (FailureCode.UNREADABLE, True)


def test_a_root_of_everything_still_leaves_the_kernel_alone() -> None:
    for path in ("/proc/self/environ", "/proc/self/../1/environ", "/sys/kernel/notes"):
        assert refused("/", path)[0] == FailureCode.FORBIDDEN


def test_says_what_is_missing_and_what_may_not_be_read(root: Path) -> None:
    code, message = refused(root, root / "gone.jpg")
    assert (code, "gone.jpg" in message) == (FailureCode.MISSING, True)
    (root / "file").write_bytes(b"")
    assert refused(root, root / "file" / "below.jpg")[0] == FailureCode.MISSING
    assert refused(root / "no such root", root / "no such root" / "x")[0] == FailureCode.MISSING
    assert refused(root, root / ("x" * 300))[0] == FailureCode.UNREADABLE
    (root / "loop").symlink_to(root / "loop")
    assert refused(root, root / "loop")[0] == FailureCode.UNREADABLE


def test_bounds_what_it_reads(root: Path) -> None:
    path = root / "large.jpg"
    path.write_bytes(b"x" * LIMITS.max_bytes)
    assert len(Storage([str(root)], LIMITS).read(str(path))) == LIMITS.max_bytes
    path.write_bytes(b"x" * (LIMITS.max_bytes + 1))
    code, message = refused(root, path)
    assert (code, "1,001" in message) == (FailureCode.TOO_LARGE, True)
    (root / "empty.jpg").touch()
    assert Storage([str(root)], LIMITS).read(str(root / "empty.jpg")) == b""


def test_without_roots_nothing_is_read(root: Path) -> None:
    (root / "x.jpg").write_bytes(b"x")
    with pytest.raises(PictureError, match="NOPHOTO_ROOTS"):
        Storage([], LIMITS).read(str(root / "x.jpg"))


@pytest.mark.parametrize(
    "name",
    [
        "PICTURE.JPG",  # another case
        "picture.jpg\u200b",  # a zero-width space
        "p\u0456cture.jpg",  # a Cyrillic letter that looks Latin
        "caf\u0065\u0301.jpg",  # a decomposed accent
        "picture.jpg ",
        "picture.jpg/",
        "picture.jpg%00",
        "\uff0e\uff0e/secret",  # full-width dots
        "..%2fsecret",
        "%252e%252e/secret",
    ],
)
def test_a_name_that_only_looks_like_another_opens_no_file(
    name: str, root: Path, secret: Path
) -> None:
    (root / "picture.jpg").write_bytes(b"data")
    (root / "caf\u00e9.jpg").write_bytes(b"data")
    for uri in (f"{root}/{name}", f"file://{root}/{name}"):
        try:
            data = Storage([str(root)], LIMITS).read(uri)
        except PictureError as error:
            assert error.code in (FailureCode.MISSING, FailureCode.FORBIDDEN)
        else:
            # Where the file system itself takes both names for one, or `/` for nothing.
            assert data == b"data"


def test_a_root_of_another_case_or_form_is_another_root(tmp_path: Path) -> None:
    for inside, outside in (("Uploads", "uploads"), ("caf\u00e9", "cafe\u0301")):
        (tmp_path / outside).mkdir(exist_ok=True)
        (tmp_path / outside / "picture.jpg").write_bytes(b"data")
        if (tmp_path / inside).exists():
            pytest.skip("this file system takes both names for one")
        (tmp_path / inside).mkdir()
        code, _ = refused(tmp_path / inside, tmp_path / outside / "picture.jpg")
        assert code == FailureCode.FORBIDDEN


@pytest.mark.parametrize(
    "path", ["/".join(["a" * 200] * 20), "a" * 4096, "a/" * 2048, "\ud800.jpg", "\udcff.jpg"]
)
def test_names_too_long_or_in_no_encoding_end_as_a_coded_failure(path: str, root: Path) -> None:
    code, message = refused(root, f"{root}/{path}")
    assert code in (FailureCode.UNREADABLE, FailureCode.MISSING, FailureCode.FORBIDDEN)
    assert message


def test_a_folder_that_is_swapped_between_the_check_and_the_opening_leaks_nothing(
    root: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "folder").mkdir()
    (root / "folder" / "secret").write_bytes(b"inside")
    check = storage._check_kind

    def swap_then_check(mode: int, path: str) -> None:
        if not (root / "folder").is_symlink():
            (root / "folder").rename(root / "aside")
            (root / "folder").symlink_to(secret.parent)
        check(mode, path)

    monkeypatch.setattr(storage, "_check_kind", swap_then_check)
    assert refused(root, root / "folder" / "secret")[0] == FailureCode.FORBIDDEN
