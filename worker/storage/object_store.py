"""Object stores through fsspec: S3, Google Cloud Storage, Azure Blob Storage."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from nophoto.worker.storage.fetch import (
    CredentialsError,
    ExistsError,
    FetchError,
    ForbiddenError,
    MissingError,
    NoBucketError,
    TransientError,
    error_for_status,
    safe_message,
)
from nophoto.worker.storage.store_kinds import KINDS

_PAST_THE_END = 416
"""The status of a range that begins past the end, as that of an empty object does."""

_NOT_AS_ASKED = 412
"""The status of a write whose only condition is that there is no such object."""

_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")
_NO_CREDENTIALS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken")
"""Codes of S3 and Azure; Google Cloud Storage answers a missing bucket as it does an object."""


class _PastTheEndError(FetchError):
    pass


class ObjectStore:
    """Reads and writes objects of one scheme; any thread may do so.

    Credentials come as the store's own tools take them, from the environment, a file of their own
    or the machine's role: none of them passes through nophoto's settings, database or log.

    Args:
        scheme: `s3`, `gs` or `az`.
        timeout: seconds that one read may take.

    Raises:
        ImportError: if the store's package is not installed.
    """

    def __init__(self, scheme: str, timeout: float) -> None:
        self._kind = KINDS[scheme](timeout)

    def read(self, uri: str, start: int, end: int, seconds: float) -> bytes:
        """The bytes from `start` to before `end` at `uri`, by one request, within `seconds`.

        Raises:
            FetchError: of the kind that says what to do about it.
        """
        try:
            with self._translate_errors():
                # By the file system itself, not fsspec.open: that takes `::` for a chain of
                # schemes.
                return bytes(self._files.cat_file(uri, start=start, end=end, timeout=seconds))
        except _PastTheEndError:
            return b""

    def write(self, uri: str, file: Path, seconds: float) -> None:
        """Make the object `uri` of a file, within `seconds`: it is there whole, or not at all.

        Raises:
            ExistsError: if there is one of this name; it stays as it is.
            FetchError: of the kind that says what to do about it.
        """
        with self._translate_errors():
            self._files.put_file(str(file), uri, mode="create", timeout=seconds)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        kind = self._kind
        failures: tuple[type[Exception], ...] = (OSError, ValueError, *kind.failed)
        try:
            yield
        except kind.denied as error:
            raise _no_credentials(error) from error
        except FileNotFoundError as error:
            if kind.code(error) in _NO_BUCKET:
                raise NoBucketError(safe_message(error)) from error
            raise MissingError(safe_message(error)) from error
        except FileExistsError as error:
            raise ExistsError(safe_message(error)) from error
        except TimeoutError as error:
            raise TransientError(safe_message(error)) from error
        except failures as error:
            if kind.code(error) in _NO_CREDENTIALS:
                raise _no_credentials(error) from error
            status = kind.status(error)
            if status == _PAST_THE_END:
                raise _PastTheEndError(safe_message(error)) from error
            if status == _NOT_AS_ASKED:
                raise ExistsError(safe_message(error)) from error
            if status is not None:
                raise error_for_status(status) from error
            if isinstance(error, PermissionError):
                raise ForbiddenError(safe_message(error)) from error
            if isinstance(error, ValueError):
                raise FetchError(safe_message(error)) from error
            raise TransientError(safe_message(error)) from error

    @cached_property
    def _files(self) -> Any:
        # Not before the worker has forked: they run a thread.
        try:
            files = self._kind.file_system(skip_instance_cache=True, **self._kind.options)
        except ValueError as error:
            raise _no_credentials(error) from error
        if hasattr(files, "retries"):
            files.retries = 1  # `try_often` asks again, with a pause of its own
        return files


class ObjectFetch:
    """Gets objects of one scheme, each by one ranged request.

    Args:
        scheme: `s3`, `gs` or `az`.
        timeout: seconds that one may take.

    Raises:
        ImportError: if the store's package is not installed.
    """

    def __init__(self, scheme: str, timeout: float) -> None:
        self._store = ObjectStore(scheme, timeout)

    def __call__(self, uri: str, limit: int, seconds: float) -> bytes:
        """The first `limit` + 1 bytes at `uri`, within `seconds`."""
        return self._store.read(uri, 0, limit + 1, seconds)


def _no_credentials(error: Exception) -> CredentialsError:
    return CredentialsError(f"no valid credentials: {safe_message(error)}")
