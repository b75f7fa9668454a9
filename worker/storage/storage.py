"""Reading uploads, from the allowed roots and from nowhere else."""

import os
import stat
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.settings import Settings
from nophoto.worker.storage.remote import RemoteRoots, displayed

_BLOCK = 1 << 20
_KERNEL = ("/proc", "/sys")
"""What looks like files here is the kernel's word on its processes; no root opens it."""


def limits_of(settings: Settings) -> PictureLimits:
    """How large a picture may be, by `settings`."""
    return PictureLimits(max_bytes=settings.max_bytes, max_pixels=settings.max_pixels)


def storage_of(settings: Settings) -> "Storage":
    """What a worker under `settings` may read."""
    return Storage(
        settings.roots,
        limits_of(settings),
        timeout=settings.picture_timeout,
        private_networks=settings.private_networks,
    )


class Storage:
    """Reads files below its roots: local folders, or places like `s3://bucket/prefix`.

    Which file a path leads to is judged on the opened file, not on the path, so that a link that
    is exchanged between the check and the reading gains nothing.

    Args:
        roots: folders and URLs; one that does not exist allows nothing.
        limits: how many bytes a file may have.
        timeout: seconds that reading a remote one may take.
        private_networks: in which the host of an `https` root may be.
    """

    def __init__(
        self,
        roots: Sequence[str],
        limits: PictureLimits,
        *,
        timeout: float = 20.0,
        private_networks: Sequence[str] = (),
    ) -> None:
        self._limits = limits
        remote = [root for root in roots if "://" in root and not root.startswith("file://")]
        schemes: defaultdict[str, list[str]] = defaultdict(list)
        for root in remote:
            schemes[root.partition("://")[0].lower()].append(root)
        self._remote = {
            scheme: RemoteRoots(scheme, some, timeout, private_networks)
            for scheme, some in schemes.items()
        }
        local = [_local_path(root) for root in roots if root not in remote]
        # Resolved once: the roots are the operator's, and may themselves be links.
        self._local = [str(Path(root).expanduser().resolve()) for root in local]

    def read(self, uri: str) -> bytes:
        """The bytes of the file at a path, a `file://` URI or a URI below a remote root.

        Any thread may call it.

        Raises:
            PictureError: `forbidden`, `missing`, `too-large`, `unreadable` or `unsupported`, with
                what to do about it.
        """
        if "\0" in uri:
            raise PictureError(
                FailureCode.FORBIDDEN, "the path holds a NUL character; enqueue the real path"
            )
        try:
            os.fsencode(uri)
        except UnicodeEncodeError as error:
            raise PictureError(
                FailureCode.FORBIDDEN, "the path is not valid Unicode; enqueue the real path"
            ) from error
        if "://" in uri and not uri.lower().startswith("file://"):
            return self._read_remote(uri)
        path = _local_path(uri)
        if not os.path.isabs(path):  # noqa: PTH117
            raise PictureError(
                FailureCode.FORBIDDEN, f"the path {uri} is not absolute; enqueue the absolute path"
            )
        return self._read_local(path)

    def allows(self, path: Path) -> bool:
        """Whether a local path, its links followed, is a root or lies below one."""
        return self._is_allowed(os.path.realpath(path))

    def _read_remote(self, uri: str) -> bytes:
        scheme = uri.partition("://")[0].lower()
        roots = self._remote.get(scheme)
        if roots is None:
            raise PictureError(
                FailureCode.FORBIDDEN,
                f"URIs of the scheme {scheme} are not read; list a root of it in NOPHOTO_ROOTS",
            )
        if not roots.holds(uri):
            raise _outside(displayed(uri))
        return roots.read(uri, self._limits.max_bytes)

    def _read_local(self, path: str) -> bytes:
        # Looked at before it is opened: opening a FIFO, a device or a path outside would already
        # do something to it, and what lies outside must not even be told to exist.
        # (realpath's `..` follow links, as the kernel's do.)
        target = os.path.realpath(path)
        if not self._is_allowed(target):
            raise _outside(path)
        try:
            _check_kind(os.stat(target).st_mode, path)  # noqa: PTH116
            descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _failure(error, path) from error
        try:
            status = os.fstat(descriptor)
            _check_kind(status.st_mode, path)
            if not self._is_allowed(_path_of(descriptor, target)):
                raise _outside(path)
            if status.st_size > self._limits.max_bytes:
                raise _too_large(f"has {status.st_size:,} bytes", self._limits.max_bytes)
            return _read_bounded(descriptor, self._limits.max_bytes, status.st_size)
        except OSError as error:
            raise _failure(error, path) from error
        finally:
            os.close(descriptor)

    def _is_allowed(self, real_path: str) -> bool:
        if any(_is_below(real_path, folder) for folder in _KERNEL):
            return False
        return any(_is_below(real_path, root) for root in self._local)


def _is_below(real_path: str, folder: str) -> bool:
    # Both are resolved, so that letters tell; pathlib would take half of the time of a reading.
    return real_path == folder or real_path.startswith(folder.rstrip("/") + "/")


def _local_path(uri: str) -> str:
    if not uri.lower().startswith("file://"):
        return uri
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise PictureError(
            FailureCode.FORBIDDEN,
            f"the file is said to be on the host {parts.netloc}; only this host's are read",
        )
    path = unquote(parts.path)
    if "\0" in path:
        raise PictureError(
            FailureCode.FORBIDDEN, "the path holds a NUL character; enqueue the real path"
        )
    return path


def _check_kind(mode: int, path: str) -> None:
    if stat.S_ISREG(mode):
        return
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    kind = kinds.get(stat.S_IFMT(mode), "no regular file")
    raise PictureError(
        FailureCode.UNREADABLE, f"{path} is {kind}; enqueue the path of a picture file"
    )


def _path_of(descriptor: int, opened: str) -> str:
    """Where the opened file really is; `opened`, resolved again, where there is no /proc."""
    link = f"/proc/self/fd/{descriptor}"
    if os.path.islink(link):  # noqa: PTH114
        return os.readlink(link)  # noqa: PTH115
    return os.path.realpath(opened)


def _read_bounded(descriptor: int, limit: int, stated: int) -> bytes:
    # To one byte past the limit: the file may have grown, and some systems state no size.
    blocks = []
    wanted = limit + 1
    # All that is stated in one block, which is not copied again.
    size = stated or _BLOCK
    while wanted and (block := os.read(descriptor, min(wanted, size))):
        blocks.append(block)
        wanted -= len(block)
        size = _BLOCK
    if not wanted:
        raise _too_large(f"has more than {limit:,} bytes", limit)
    return b"".join(blocks)


def _outside(path: str) -> PictureError:
    return PictureError(
        FailureCode.FORBIDDEN,
        f"{path} is outside the allowed roots; move the picture, or list its folder in "
        "NOPHOTO_ROOTS",
    )


def _too_large(what: str, limit: int) -> PictureError:
    return PictureError(
        FailureCode.TOO_LARGE,
        f"the file {what}, and at most {limit:,} are read; send a smaller one, or raise "
        "NOPHOTO_MAX_BYTES",
    )


def _failure(error: OSError, path: str) -> PictureError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PictureError(
            FailureCode.MISSING, f"there is no file {path}; upload the picture again"
        )
    if isinstance(error, PermissionError):
        return PictureError(
            FailureCode.FORBIDDEN,
            f"the worker's user may not read {path}; give it the permission to",
        )
    return PictureError(
        FailureCode.UNREADABLE, f"{path} cannot be read ({error.strerror}); upload it again"
    )
