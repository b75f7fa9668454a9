"""Answers to what a request raises: every error is problem details."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from nophoto.api.problems import Problem, database_away, defect, problem_of
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import is_fault_of_database

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

_MOST_ERRORS = 20
"""Mistakes that are told of one request."""

_log = logging.getLogger(__name__)


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

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        told = _of_http(error)
        if error.status_code == 405:
            # The router names the methods of one route of the path.
            told.headers = {"Allow": ", ".join(_allowed(app, request.scope["path"]))}
        return told.response()

    async def busy(_: Request, error: Exception) -> JSONResponse:
        _log.error("a request failed: %s", error)
        return database_away().response()

    async def database(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, DBAPIError)  # noqa: S101
        _log.error("a request failed in the database: %s", error.orig, exc_info=error)
        # A full disk or a lock that was not given: the same request may succeed later.
        return (database_away() if is_fault_of_database(error) else defect()).response()

    async def failed(_: Request, __: Exception) -> JSONResponse:
        return defect().response()

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(NophotoError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(PoolTimeoutError, busy)
    app.add_exception_handler(DBAPIError, database)
    app.add_exception_handler(Exception, failed)


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


def _allowed(app: FastAPI, path: str) -> list[str]:
    scopes = (
        {"type": "http", "method": method, "path": path, "root_path": ""} for method in _METHODS
    )
    return [
        str(scope["method"])
        for scope in scopes
        if any(route.matches(scope)[0] == Match.FULL for route in app.routes)
    ]


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
