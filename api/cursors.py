"""Cursors of lists: where a page ended, and by which filter."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hashlib import sha256

from nophoto.api.problems import Problem

_LONGEST = 256


def make_cursor(last_id: int, filters: Mapping[str, object]) -> str:
    """The cursor of the page that follows the row `last_id`."""
    text = json.dumps([last_id, _fingerprint(filters)], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, filters: Mapping[str, object]) -> int:
    """The id of the row after which a page begins.

    Raises:
        Problem: 422 if it is no cursor, or one of a list with another filter.
    """
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
