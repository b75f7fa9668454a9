"""Lists page by page: a cursor says where a page ended, and by which filter."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from nophoto.api.problems import Problem

_LONGEST = 256


class PageQuery(Protocol):
    """What a client asks of a list: filters, and beside them which page."""

    limit: int
    cursor: str | None

    def model_dump(self, *, mode: str, exclude: set[str]) -> dict[str, Any]:
        """As Pydantic has it."""


class Row(Protocol):
    """A row of a list, which is sorted by id."""

    @property
    def id(self) -> int:
        """Its id."""


_AnyRow = TypeVar("_AnyRow", bound=Row)


def read_page(
    query: PageQuery, find: Callable[[int, int | None], Iterable[_AnyRow]]
) -> tuple[list[_AnyRow], str | None]:
    """A page of a list, the highest id first, and the cursor of the next one; None on the last.

    Args:
        query: which page.
        find: at most so many rows whose ids are lower than that one's, which is None at the start.

    Raises:
        Problem: 422 if the cursor is none, or that of a list with another filter.
    """
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"})
    before_id = _read_cursor(query.cursor, filters) if query.cursor else None
    rows = list(find(query.limit + 1, before_id))
    page = rows[: query.limit]
    return page, _make_cursor(page[-1].id, filters) if len(rows) > query.limit else None


def _make_cursor(last_id: int, filters: Mapping[str, object]) -> str:
    text = json.dumps([last_id, _fingerprint(filters)], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, filters: Mapping[str, object]) -> int:
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
        last_id, fingerprint = json.loads(urlsafe_b64decode(padded))
    except (ValueError, TypeError, Base64Error) as error:
        raise _refused("this is no cursor; take `next` of the page before") from error
    if type(last_id) is not int or not 0 < last_id < 2**63:
        raise _refused("this is no cursor; take `next` of the page before")
    if fingerprint != _fingerprint(filters):
        raise _refused("the cursor belongs to another filter; begin again without a cursor")
    return last_id


def _fingerprint(filters: Mapping[str, object]) -> str:
    text = json.dumps(filters, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def _refused(detail: str) -> Problem:
    return Problem(422, "invalid-cursor", "The cursor cannot be used", detail)
