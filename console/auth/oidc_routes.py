"""The two routes of a login by a provider: out to it, and back."""

import logging
import secrets
from collections.abc import Callable
from hashlib import sha256
from time import time

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from nophoto.console.auth.oidc import (
    GroupsRefusedError,
    IdentityRefusedError,
    Provider,
    ProviderAwayError,
)
from nophoto.models.records import collections
from nophoto.models.records.access import logins, users
from nophoto.models.records.access.logins import Pending
from nophoto.models.records.access.users import UserExistsError
from nophoto.models.records.collections import UnknownCollectionError
from nophoto.models.records.database import Database

PENDING_SECONDS = 600.0
"""How long somebody may take at the provider."""

_COOKIE = "nophoto-login"
_BACK = "/login/oidc/back"

_log = logging.getLogger(__name__)

Refuse = Callable[[Request, str, int], Response]
"""Shows the login with a text of the catalogue and a status."""

LetIn = Callable[[Request, str, str], Response]
"""Begins a session of a user, and leads to the page that they came for."""


def oidc_routes(
    database: Database,
    provider: Provider,
    refuse: Refuse,
    let_in: LetIn,
    sub_path: str = "",
    now: Callable[[], float] = time,
) -> APIRouter:
    """The routes `/login/oidc` and `/login/oidc/back`."""
    routes = APIRouter()

    @routes.get("/login/oidc")
    def leave(request: Request) -> Response:
        try:
            attempt = provider.begin(_redirect(request, sub_path))
        except ProviderAwayError as error:
            _log.warning("%s", error)
            return refuse(request, "login.oidc.away", 503)
        following = request.query_params.get("next", "")
        pending = Pending(attempt.nonce, attempt.verifier, following, now())
        with database.transaction() as session:
            logins.begin_login(session, _hash(attempt.state), pending)
        response = RedirectResponse(attempt.url, 303)
        # The answer counts in the browser that asked alone.
        response.set_cookie(
            _COOKIE,
            attempt.state,
            max_age=int(PENDING_SECONDS),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
            path=f"{sub_path}/login",
        )
        return response

    @routes.get(_BACK)
    def come_back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        own = request.cookies.get(_COOKIE, "")
        if error or not code or not secrets.compare_digest(own.encode(), state.encode()):
            return refuse(request, "login.oidc.refused", 403)
        with database.transaction() as session:
            pending = logins.take_login(session, _hash(state))
        if pending is None or not 0 <= now() - pending.begun + 1 <= PENDING_SECONDS:
            # An answer that comes twice, or too late.
            return refuse(request, "login.oidc.refused", 403)
        try:
            found = provider.finish(
                code, _redirect(request, sub_path), pending.nonce, pending.verifier
            )
            with database.transaction() as session:
                if found.collection is not None:
                    collections.get(session, found.collection)
                users.vouch(session, found.name, provider.issuer, found.role, found.collection)
        except ProviderAwayError as problem:
            _log.warning("%s", problem)
            return refuse(request, "login.oidc.away", 503)
        except (GroupsRefusedError, UnknownCollectionError) as problem:
            _log.warning("%s", problem)
            return refuse(request, "login.oidc.groups", 403)
        except (IdentityRefusedError, UserExistsError) as problem:
            _log.warning("%s", problem)
            return refuse(request, "login.oidc.refused", 403)
        response = let_in(request, found.name, pending.following)
        response.delete_cookie(_COOKIE, path=f"{sub_path}/login")
        return response

    return routes


def _redirect(request: Request, sub_path: str) -> str:
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}{sub_path}{_BACK}"


def _hash(state: str) -> str:
    return sha256(state.encode()).hexdigest()
