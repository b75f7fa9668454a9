"""Every error as problem details (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from nophoto.models.errors import NophotoError
from nophoto.models.records.database import DatabaseUnreachableError, is_fault_of_database

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

_MOST_ERRORS = 20
"""Mistakes that are told of one request."""


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
        return _away()
    # What it says may name paths of this machine: the log has it.
    _log.error("a request failed: %s", error)
    return _defect()


def install_handlers(app: FastAPI) -> None:
    """Make `app` answer every error as problem details."""

    async def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)  # noqa: S101 -- by its registration
        return error.response()

    async def ours(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, NophotoError)  # noqa: S101
        return problem_of(error).response()

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        media_type = request.headers.get("content-type", "")
        return _of_validation(error, media_type).response()

    async def gone(_: Request, __: Exception) -> JSONResponse:
        # Nobody reads it, but the metrics count it.
        return Problem(
            400, "malformed-request", "Malformed request", "the request has no end"
        ).response()

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        return _of_http(error).response()

    async def busy(_: Request, error: Exception) -> JSONResponse:
        _log.error("a request failed: %s", error)
        return _away().response()

    async def database(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, DBAPIError)  # noqa: S101
        _log.error("a request failed in the database: %s", error.orig, exc_info=error)
        # A full disk or a lock that was not given: the same request may succeed later.
        return (_away() if is_fault_of_database(error) else _defect()).response()

    async def defect(_: Request, __: Exception) -> JSONResponse:
        return _defect().response()

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(NophotoError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(PoolTimeoutError, busy)
    app.add_exception_handler(DBAPIError, database)
    app.add_exception_handler(Exception, defect)


def _away() -> Problem:
    return Problem(
        503,
        "database-away",
        "The database does not answer",
        "the database does not answer; send the request again later",
        {"Retry-After": str(_AWAY_SECONDS)},
    )


def _defect() -> Problem:
    return Problem(
        500,
        "internal-error",
        "Internal error",
        "the request failed by no fault of yours; the server's log says why",
    )


def _of_validation(error: RequestValidationError, media_type: str) -> Problem:
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return Problem(400, "malformed-json", "Malformed JSON", "the body is not valid JSON")
    if not _is_json(media_type) and any(_pointer(each["loc"]) == "body" for each in found):
        # The body was not read at all, and what is wrong with it would mislead.
        detail = "send the body as JSON, with the header `Content-Type: application/json`"
        return Problem(422, "invalid-request", "The request is not valid", detail)
    # Without the input: it may be large, and is the caller's to know.
    errors = [
        {"pointer": _pointer(each["loc"]), "detail": _sentence(each)}
        for each in found[:_MOST_ERRORS]
    ]
    return Problem(
        422,
        "invalid-request",
        "The request is not valid",
        "; ".join(f"{each['pointer']}: {each['detail']}" for each in errors),
        errors=errors,
    )


def _is_json(media_type: str) -> bool:
    kind, _, name = media_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (name == "json" or name.endswith("+json"))


def _pointer(location: Sequence[object]) -> str:
    # Without the form of the body, which is seen by it.
    place, *rest = location
    return "/".join(map(str, [place, *(rest[1:] if rest[:1] in (["one"], ["list"]) else rest)]))


def _sentence(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


_HTTP = {
    400: ("malformed-request", "Malformed request"),
    404: ("no-such-path", "No such path"),
    405: ("method-not-allowed", "Method not allowed"),
    413: ("body-too-large", "The body is too large"),
}


def _of_http(error: HTTPException) -> Problem:
    code, title = _HTTP.get(error.status_code, ("http-error", "The request cannot be answered"))
    detail = {
        404: "there is nothing at this path; /v1/openapi.json lists the paths",
        405: "this path takes other methods; see the header Allow",
    }.get(error.status_code, str(error.detail))
    return Problem(error.status_code, code, title, detail, error.headers)
