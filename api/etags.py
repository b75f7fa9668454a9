"""The version of the reference set as an `ETag`, and what a client says of it in `If-Match`."""

import re

from fastapi import Request

from nophoto.api.problems import Problem
from nophoto.models.records.tables import ReferenceState

_ETAG = re.compile(r'(?:W/)?"set-(\d{1,18})(?:-\w+)?"')


def etag(version: int, state: ReferenceState | None = None) -> str:
    """The tag of a version of the set, or of its references in one state."""
    return f'"set-{version}-{state}"' if state else f'"set-{version}"'


def if_match(request: Request) -> int | None:
    """The version of the set that a change is meant for.

    Raises:
        Problem: 412 if the header is no `ETag` of ours.
    """
    header = request.headers.get("if-match")
    if header is None or header == "*":
        return None
    found = _ETAG.fullmatch(header)
    if found is None:
        raise Problem(
            412, "set-changed", "The set is another", "If-Match takes one ETag of this list"
        )
    return int(found[1])
