"""Errors as problem details (RFC 9457)."""

import logging
from collections.abc import Mapping

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from nophoto.models.errors import NophotoError
from nophoto.models.records.database import DatabaseUnreachableError

MEDIA_TYPE = "application/problem+json"

_TYPE = "urn:problem-type:nophoto:"

_AWAY_SECONDS = 5
"""After which a client may ask again where the database did not answer."""

_log = logging.getLogger(__name__)


class FieldError(BaseModel):
    """What is wrong with one part of a request."""

    pointer: str = Field(description="Where, as a path of names and places.")
    detail: str


class ProblemDetails(BaseModel):
    """An error, by RFC 9457."""

    type: str = Field(description="Names the kind of problem; docs/api.md lists them.")
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


class Problem(Exception):  # noqa: N818 -- the RFC's word
    """An error that is answered as it stands.

    Args:
        status: of HTTP.
        code: the last part of the problem's type.
        title: the same for every problem of this type.
        detail: of this one, with what to do.
        headers: such as `Retry-After`.
        more: further members.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> JSONResponse:
        """As it is sent."""
        content = {
            "type": _TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)


_UNKNOWN = {
    "UnknownKeyError": "no upload has this key",
    "UnknownUploadError": "no upload has one of these keys",
    "UnknownReferenceError": "no reference has this id",
    "UnknownAllowedPictureError": "no picture on the allow-list has this id",
    "UnknownRunError": "no run has this id",
    "UnknownCollectionError": "no collection has this name",
    "UnknownModelVersionError": "no model version has this id",
}
"""What is told of an error of this name. Named, since importing each would load all of nophoto."""

_OTHERS = {
    "RunUnderWayError": (409, "run-under-way", "A run of this kind is open"),
    "RunFinishedError": (409, "run-finished", "The run has ended"),
    "SetChangedError": (412, "set-changed", "The reference set has changed"),
    "PromotionError": (409, "not-promoted", "The model version is not promoted"),
    "NothingToAppealError": (409, "nothing-to-appeal", "There is no verdict yet"),
    "AllowError": (422, "not-allowed", "The picture cannot be put on the allow-list"),
    "RetrainParametersError": (422, "invalid-request", "The request is not valid"),
}
"""Status, code and title; the detail is the error's own message."""


def problem_of(error: NophotoError) -> Problem:
    """What is told of an error of ours."""
    for kind in type(error).__mro__:
        if detail := _UNKNOWN.get(kind.__name__):
            return Problem(404, "not-found", "Not found", detail)
        if kind.__name__ in _OTHERS:
            status, code, title = _OTHERS[kind.__name__]
            return Problem(status, code, title, str(error))
        if kind.__name__ == "NoActiveModelError":
            return Problem(
                503,
                "no-model-version",
                "No model version judges",
                "no model version judges yet; run `nophoto db upgrade`, which installs one",
                {"Retry-After": str(_AWAY_SECONDS)},
            )
    if isinstance(error, DatabaseUnreachableError):
        return database_away()
    # What it says may name paths of this machine: the log has it.
    _log.error("a request failed: %s", error)
    return defect()


def database_away() -> Problem:
    """Told where the database does not answer."""
    return Problem(
        503,
        "database-away",
        "The database does not answer",
        "the database does not answer; send the request again later",
        {"Retry-After": str(_AWAY_SECONDS)},
    )


def defect() -> Problem:
    """Told where the fault is the server's."""
    return Problem(
        500,
        "internal-error",
        "Internal error",
        "the request failed by no fault of yours; the server's log says why",
    )
