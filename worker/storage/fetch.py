"""What asking a remote storage is, whatever its kind: a call, how often, and the ways to fail."""

from collections.abc import Callable
from time import monotonic
from typing import Protocol, TypeVar

from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

T = TypeVar("T")

ATTEMPTS = 4
"""Of asking for one object; what fails so often in a row will not come the next second either."""

_LONGEST_PAUSE = 2.0
"""Seconds between two attempts."""


class FetchError(Exception):
    """An object was not fetched, and would not be the next time."""


class MissingError(FetchError):
    """There is no such object."""


class NoBucketError(MissingError):
    """There is not even the bucket or container that the object would be in."""


class ForbiddenError(FetchError):
    """The object may not be read from here."""


class CredentialsError(ForbiddenError):
    """There are no credentials, or the storage does not know them."""


class TransientError(FetchError):
    """The storage was busy, broken or out of reach, which may pass."""


class ExistsError(FetchError):
    """There is an object of this name already."""


class Fetch(Protocol):
    """Gets one object, once; any thread may call it."""

    def __call__(self, uri: str, limit: int, seconds: float) -> bytes:
        """The first `limit` + 1 bytes at `uri`, within `seconds`.

        Raises:
            FetchError: of the kind that says what to do about it.
        """
        ...


def try_often(ask: Callable[[float], T], timeout: float) -> T:
    """What `ask` gives, which is called again where its failure may pass.

    Args:
        ask: takes the seconds that are left.
        timeout: seconds that all attempts and the pauses between them may take.

    Raises:
        FetchError: of the last attempt.
    """
    deadline = monotonic() + timeout
    attempts = Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(timeout),
        # Spread over the whole pause, so that workers which failed together do not come back
        # together.
        wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_PAUSE),
        reraise=True,
    )
    return attempts(lambda: ask(max(0.01, deadline - monotonic())))


def error_for_status(status: int) -> FetchError:
    """The error of an HTTP status that is none of success."""
    text = f"status {status}"
    if status in (404, 410):
        return MissingError(text)
    if status == 401:
        return CredentialsError(text)
    if status == 403:
        return ForbiddenError(text)
    # 409: two asked at once, and S3 wants one of them to come again.
    if status in (408, 409, 425, 429) or status >= 500:
        return TransientError(text)
    return FetchError(text)


def safe_message(error: BaseException) -> str:
    """A short reason without what a URL in it may carry: a signature is as good as a password."""
    words = " ".join(str(error).split())
    shown = " ".join(word.partition("?")[0] for word in words.split(" "))
    return shown[:120] or type(error).__name__
