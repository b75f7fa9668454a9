"""Object stores through fsspec: S3, Google Cloud Storage, Azure Blob Storage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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

_CONNECT_SECONDS = 5.0
_CONNECTIONS = 256
"""At once, at most; what limits them really is how many fetches a worker has."""

_PAST_THE_END = 416
"""The status of a range that begins past the end, as that of an empty object does."""

_NOT_AS_ASKED = 412
"""The status of a write whose only condition is that there is no such object."""

_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")
_NO_CREDENTIALS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken")
"""Codes of S3 and Azure; Google Cloud Storage answers a missing bucket as it does an object."""


class _PastTheEndError(FetchError):
    pass


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one store has of its own.

    Attributes:
        file_system: fsspec's class for it.
        options: of that class, given the seconds that one read may take.
        denied: errors that mean: no valid credentials.
        failed: other errors that it raises beside OSError.
        status: the HTTP status of an error, where it has one.
        code: the store's own word for an error, where it has one.
    """

    file_system: Any
    options: dict[str, Any]
    denied: tuple[type[Exception], ...]
    failed: tuple[type[Exception], ...]
    status: Callable[[Exception], int | None]
    code: Callable[[Exception], str | None]


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
        self._kind = _KINDS[scheme](timeout)

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


def _s3(timeout: float) -> _Kind:
    from aiohttp import ClientError as ConnectionFailed
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from s3fs import S3FileSystem

    def answer(error: Exception, part: str) -> dict[str, Any]:
        response = getattr(error.__cause__, "response", None) or {}
        found: dict[str, Any] = response.get(part) or {}
        return found

    def status(error: Exception) -> int | None:
        found = answer(error, "ResponseMetadata").get("HTTPStatusCode")
        return None if found is None else int(found)

    def code(error: Exception) -> str | None:
        return answer(error, "Error").get("Code")

    class WholeKeys(S3FileSystem):  # type: ignore[misc]
        """Takes `?versionId=` for a part of the key, as S3 itself does."""

        def split_path(self, path: str) -> tuple[str, str, None]:
            before, mark, behind = path.partition("?versionId=")
            bucket, key, _ = super().split_path(before)
            return bucket, f"{key}{mark}{behind}", None

    config = {
        "connect_timeout": _CONNECT_SECONDS,
        # Between two blocks of bytes; the whole has `timeout`.
        "read_timeout": timeout / 2,
        "max_pool_connections": _CONNECTIONS,
        "retries": {"total_max_attempts": 1},
    }
    return _Kind(
        WholeKeys,
        {"config_kwargs": config},
        (NoCredentialsError,),
        (BotoCoreError, ClientError, ConnectionFailed),
        status,
        code,
    )


def _gs(timeout: float) -> _Kind:
    from aiohttp import ClientError, ClientTimeout

    # Not the class that `gcsfs` itself exports: that asks by gRPC what kind each bucket is.
    from gcsfs.core import GCSFileSystem
    from gcsfs.retry import ChecksumError, HttpError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    def status(error: Exception) -> int | None:
        if str(error).startswith("Forbidden"):
            return 403
        code = getattr(error, "code", None) or getattr(error, "status", None)
        return None if code is None else int(code)

    limits = ClientTimeout(sock_connect=_CONNECT_SECONDS, sock_read=timeout / 2)
    return _Kind(
        GCSFileSystem,
        {"session_kwargs": {"timeout": limits}},
        (GoogleAuthError,),
        (HttpError, ChecksumError, ClientError, RequestException),
        status,
        lambda _: None,
    )


def _az(timeout: float) -> _Kind:
    from adlfs import AzureBlobFileSystem
    from azure.core.exceptions import AzureError, ClientAuthenticationError

    def status(error: Exception) -> int | None:
        found = getattr(error, "status_code", None)
        return None if found is None else int(found)

    def code(error: Exception) -> str | None:
        # adlfs has an error of Python's own where there is no such blob.
        return getattr(error.__cause__ or error, "error_code", None)

    class WholeNames(AzureBlobFileSystem):  # type: ignore[misc]
        """Takes `?versionid=` and `#` for parts of the blob's name, as Azure itself does."""

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return path.removeprefix("az://").lstrip("/")

        def split_path(self, path: str, *_: object, **__: object) -> tuple[str, str, None]:
            container, _slash, blob = self._strip_protocol(path).partition("/")
            return container, blob, None

    return _Kind(
        WholeNames,
        {"connection_timeout": _CONNECT_SECONDS, "read_timeout": timeout / 2},
        (ClientAuthenticationError,),
        (AzureError,),
        status,
        code,
    )


_KINDS: dict[str, Callable[[float], _Kind]] = {"s3": _s3, "gs": _gs, "az": _az}
