"""What fetching one remote object is, whatever its storage: a call, and four ways to fail."""

from typing import Protocol


class FetchError(Exception):
    """An object was not fetched, and would not be the next time."""


class MissingError(FetchError):
    """There is no such object."""


class ForbiddenError(FetchError):
    """The object may not be read from here."""


class TransientError(FetchError):
    """The storage was busy, broken or out of reach, which may pass."""


class Fetch(Protocol):
    """Gets one object, once; any thread may call it."""

    def __call__(self, uri: str, limit: int, seconds: float) -> bytes:
        """The first `limit` + 1 bytes at `uri`, within `seconds`.

        Raises:
            FetchError: of the kind that says what to do about it.
        """
        ...


def refusal(status: int) -> FetchError:
    """The error of an HTTP status that is none of success."""
    text = f"status {status}"
    if status in (404, 410):
        return MissingError(text)
    if status in (401, 403):
        return ForbiddenError(text)
    if status in (408, 425, 429) or status >= 500:
        return TransientError(text)
    return FetchError(text)


def in_words(error: BaseException) -> str:
    """A short reason without what a URL in it may carry: a signature is as good as a password."""
    words = " ".join(str(error).split())
    shown = " ".join(word.partition("?")[0] for word in words.split(" "))
    return shown[:120] or type(error).__name__
