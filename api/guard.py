"""What stands before every route: the key, its scope, its rate, and `Idempotency-Key`.

It runs before the body is read, so that nobody without a key can send one.
"""

from collections.abc import Callable, Coroutine, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from anyio import to_thread
from fastapi import Request, Response
from fastapi.routing import APIRoute

from nophoto.api.callers import Caller
from nophoto.api.context import ApiContext
from nophoto.api.problems import MEDIA_TYPE, Problem
from nophoto.models.records.access import idempotency
from nophoto.models.records.access.idempotency import Answer, Reservation
from nophoto.models.records.tables import Scope

NOT_REPEATED = "x-no-idempotency-key"
"""Marks an operation that keeps nothing, so that its answer need not be kept either."""

NOT_WRITTEN = "x-audited-by-minute"
"""Marks an operation that the audit sums up, or that writes nothing."""

SECURITY = "key"
"""Name of the security scheme in the schema."""

_REPLAYED = "Idempotency-Replayed"

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_PROBLEMS = {
    400: "Malformed request",
    401: "No usable key",
    403: "The key does not allow it",
    404: "Not found",
    408: "The request took too long",
    409: "In conflict with what there is",
    412: "Changed meanwhile",
    413: "The body is too large",
    415: "Media type not supported",
    422: "The request is not valid",
    429: "Too many requests, or too large a backlog",
    500: "Internal error",
    501: "Not by this server",
    503: "Not now",
}


def needs(
    scope: Scope,
    *problems: int,
    answers: Mapping[int, dict[str, Any]] = MappingProxyType({}),
    more: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Arguments of a route that only keys with `scope` may use.

    Args:
        scope: what a key must allow.
        problems: statuses of errors, besides those of every route.
        answers: further answers in the schema, by status.
        more: further members of the operation in the schema.
    """
    return {
        "openapi_extra": {"security": [{SECURITY: [scope]}], **more},
        "responses": {
            status: {
                "description": _PROBLEMS[status],
                "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
            }
            for status in sorted({401, 403, 422, 429, 500, 503, *problems})
        }
        | dict(answers),
    }


_PROBLEM = {"$ref": "#/components/schemas/ProblemDetails"}


def caller_of(request: Request) -> Caller:
    """Who sends a request that has passed the guard."""
    caller: Caller = request.state.caller
    return caller


def context_of(request: Request) -> ApiContext:
    """What a request works with."""
    context: ApiContext = request.app.state.context
    return context


def check_scope(caller: Caller, scope: Scope) -> None:
    """Make sure that a caller's key has a scope.

    Raises:
        Problem: 403 where it has not.
    """
    if scope not in caller.scopes:
        raise Problem(
            403,
            "scope-missing",
            "The key does not allow it",
            f"this takes a key with the scope {scope}",
        )


class GuardedRoute(APIRoute):
    """A route that only a caller with its scope reaches."""

    def get_route_handler(self) -> _Handler:
        """The route's own handler, guarded."""
        handler = self.unguarded()
        security = (self.openapi_extra or {}).get("security", [])
        extra = self.openapi_extra or {}
        is_repeated, is_written = not extra.get(NOT_REPEATED), not extra.get(NOT_WRITTEN)
        scopes = [Scope(scope) for each in security for scope in each.get(SECURITY, ())]

        async def guarded(request: Request) -> Response:
            callers = context_of(request).callers
            caller = await callers.identify(request)
            await callers.count(caller)
            for scope in scopes:
                check_scope(caller, scope)
            request.state.caller = caller
            response = await answer(request, caller)
            is_new = response.status_code < 300 and _REPLAYED not in response.headers
            if is_written and is_new and request.method != "GET":
                # By the route's pattern: a path may hold the key of an upload.
                subject = f"{request.method} {self.path_format}"
                details = {"status": response.status_code, **request.path_params}
                details.pop("key", None)
                audit = context_of(request).audit
                await to_thread.run_sync(audit.note, caller, subject, details)
            return response

        async def answer(request: Request, caller: Caller) -> Response:
            key = request.headers.get("idempotency-key")
            if key is None or request.method not in ("POST", "DELETE") or not is_repeated:
                return await handler(request)
            return await _once(request, caller, key, handler)

        return guarded

    def unguarded(self) -> _Handler:
        """What answers once the guard has let a request in."""
        return super().get_route_handler()


class PlainRoute(GuardedRoute):
    """A guarded route whose function takes the request alone, and returns the answer itself.

    FastAPI has nothing to read for it, nor to check: it is called at once.
    """

    def unguarded(self) -> _Handler:
        """The route's own function."""
        function: _Handler = self.endpoint
        return function


async def _once(request: Request, caller: Caller, key: str, handler: _Handler) -> Response:
    """Answer a request with an `Idempotency-Key`, which was perhaps answered before."""
    if not 0 < len(key) <= idempotency.MAX_KEY or not key.isprintable():
        raise Problem(
            400,
            "invalid-idempotency-key",
            "Invalid Idempotency-Key",
            f"an Idempotency-Key has 1 to {idempotency.MAX_KEY} printable characters",
        )
    database = context_of(request).database
    digest = _digest(request, await request.body())

    def reserve() -> Reservation:
        with database.transaction() as session:
            return idempotency.reserve(session, caller.name, key, digest)

    def give_back() -> None:
        with database.transaction() as session:
            idempotency.give_back(session, caller.name, key)

    def keep(answer: Answer) -> None:
        with database.transaction() as session:
            idempotency.keep(session, caller.name, key, answer)

    known = await to_thread.run_sync(reserve)
    if not known.is_same:
        raise Problem(
            422,
            "idempotency-key-reused",
            "The Idempotency-Key was used for another request",
            "use a new Idempotency-Key for a new request",
        )
    if known.answer:
        return Response(
            known.answer.body,
            known.answer.status,
            {_REPLAYED: "true"},
            known.answer.media_type,
        )
    if not known.is_new:
        raise Problem(
            409,
            "request-in-progress",
            "The same request is being worked on",
            "wait for its answer, or send it again later",
            {"Retry-After": "1"},
        )
    is_kept = False
    try:
        response = await handler(request)
        if response.status_code < 300:
            media_type = response.headers.get("content-type", "application/json")
            body = bytes(response.body).decode()
            await to_thread.run_sync(keep, Answer(response.status_code, media_type, body))
            is_kept = True
        return response
    finally:
        # An error is no answer to keep: sent again, the request may succeed.
        if not is_kept:
            await to_thread.run_sync(give_back)


def _digest(request: Request, body: bytes) -> str:
    parts = (
        request.method,
        request.url.path,
        request.url.query,
        request.headers.get("content-type", ""),
    )
    return sha256("\n".join(parts).encode() + b"\n" + body).hexdigest()
