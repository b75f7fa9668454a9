"""What each object store has of its own: its file system, its limits and its errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_CONNECT_SECONDS = 5.0

_CONNECTIONS = 256
"""At once, at most; what limits them really is how many fetches a worker has."""


@dataclass(frozen=True, slots=True)
class StoreKind:
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


def _s3(timeout: float) -> StoreKind:
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
    return StoreKind(
        WholeKeys,
        {"config_kwargs": config},
        (NoCredentialsError,),
        (BotoCoreError, ClientError, ConnectionFailed),
        status,
        code,
    )


def _gs(timeout: float) -> StoreKind:
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
    return StoreKind(
        GCSFileSystem,
        {"session_kwargs": {"timeout": limits}},
        (GoogleAuthError,),
        (HttpError, ChecksumError, ClientError, RequestException),
        status,
        lambda _: None,
    )


def _az(timeout: float) -> StoreKind:
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

    return StoreKind(
        WholeNames,
        {"connection_timeout": _CONNECT_SECONDS, "read_timeout": timeout / 2},
        (ClientAuthenticationError,),
        (AzureError,),
        status,
        code,
    )


KINDS: dict[str, Callable[[float], StoreKind]] = {"s3": _s3, "gs": _gs, "az": _az}
"""By scheme, each given the seconds that one read may take."""
