"""Reading uploads that are not files of this host, through fsspec."""

from functools import cached_property
from typing import Any
from urllib.parse import unquote

from models.errors import NophotoError
from models.vision.pictures import PictureError
from models.vocabulary import FailureCode

SCHEMES = ("s3", "gs", "az", "abfs", "https", "http", "sftp", "ftp", "memory")
"""What a root may be of. fsspec knows more, some of which lead back to this host's files."""


class RootError(NophotoError):
    """A root cannot be read from."""


class RemoteRoot:
    """A place below which uploads may lie, such as `s3://bucket/prefix`.

    Raises:
        RootError: if its scheme is not known, or needs a package that is not installed.
    """

    def __init__(self, root: str) -> None:
        import fsspec  # only installations with such a root pay for it

        self.scheme = root.partition("://")[0].lower()
        self._prefix = root.rstrip("/") + "/"
        if self.scheme not in SCHEMES:
            raise RootError(
                f"the root {root} in NOPHOTO_ROOTS is of the scheme {self.scheme}; there are: "
                f"{', '.join(SCHEMES)}, and folders"
            )
        try:
            self._kind = fsspec.get_filesystem_class(self.scheme)
        except ImportError as error:
            raise RootError(
                f"the root {root} in NOPHOTO_ROOTS needs a package that is not installed ({error})"
            ) from error

    def holds(self, uri: str) -> bool:
        """Whether `uri` is below this root, by its text: what `..` means, each server decides."""
        inside = uri.startswith(self._prefix)
        return inside and ".." not in unquote(uri).replace("\\", "/").split("/")

    def read(self, uri: str, limit: int) -> bytes:
        """The bytes of an object below this root.

        Raises:
            PictureError: if there is none, it has more than `limit` bytes, or cannot be read.
        """
        try:
            # The file system itself, not fsspec.open: that takes `::` for a chain of schemes.
            with self._files.open(uri, "rb") as file:
                data: bytes = file.read(limit + 1)
        except FileNotFoundError as error:
            raise PictureError(
                FailureCode.MISSING, f"there is no object {uri}; upload the picture again"
            ) from error
        except PermissionError as error:
            raise PictureError(
                FailureCode.FORBIDDEN, f"the worker may not read {uri}; give it the permission to"
            ) from error
        except TimeoutError as error:
            raise PictureError(
                FailureCode.TIMEOUT, f"{uri} did not arrive in time; look at its storage"
            ) from error
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            raise PictureError(
                FailureCode.UNREADABLE, f"{uri} cannot be read ({reason}); upload it again"
            ) from error
        if len(data) > limit:
            raise PictureError(
                FailureCode.TOO_LARGE,
                f"the file has more than {limit:,} bytes, which is all that is read; send a "
                "smaller one, or raise NOPHOTO_MAX_BYTES",
            )
        return data

    @cached_property
    def _files(self) -> Any:
        # Not before the worker has forked: some of them run threads.
        return self._kind()
