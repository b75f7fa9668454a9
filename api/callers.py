"""Who sends a request: the key that it carries, what that allows, and how often."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from anyio import to_thread
from cachetools import LRUCache, TTLCache
from limits import RateLimitItem, parse_many
from starlette.requests import Request

from nophoto.api.problems import Problem
from nophoto.api.rates import Rates
from nophoto.jobs.operations.api_keys import digest_of
from nophoto.models.records.access import api_keys
from nophoto.models.records.access.api_keys import ApiKeyRow
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Scope

REMEMBERED_SECONDS = 5.0
"""How long a key is taken for what it was; a revocation is in force within ten seconds."""

_REMEMBERED = 10_000
"""Keys and wrong secrets, at most."""

_WRONG_KEYS = "30/minute"
"""Requests with wrong keys that one address may send."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip")
"""Headers that a proxy sets."""

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request.

    Attributes:
        name: of the key; `local` where none is needed.
        scopes: what it allows.
        rate: requests that it allows; None for the default.
    """

    name: str
    scopes: frozenset[Scope]
    rate: str | None = None

    @property
    def by(self) -> str:
        """As the audit names it, beside people."""
        return f"key:{self.name}"


LOCAL = Caller("local", frozenset(Scope))
"""The caller of a server on the loopback address where there is no key yet."""


class Callers:
    """Knows the keys of the database, and counts what each of them sends.

    Args:
        database: migrated.
        rates: counts requests.
        rate: of keys without one of their own; empty for no limit.
        is_local: whether only this machine reaches the server.
        now: seconds on a clock that never goes back.
    """

    def __init__(
        self,
        database: Database,
        rates: Rates,
        rate: str,
        *,
        is_local: bool,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._is_local = is_local
        self._keys: TTLCache[str, ApiKeyRow | None] = TTLCache(_REMEMBERED, REMEMBERED_SECONDS, now)
        # Of keys that were good when they were last looked up.
        self._known: LRUCache[str, bool] = LRUCache(_REMEMBERED)
        self._needs_key: TTLCache[str, bool] = TTLCache(1, REMEMBERED_SECONDS, now)
        self._rates = rates
        self._rate = _limits(rate)
        self._limits: dict[str, list[RateLimitItem]] = {}
        self._wrong = _limits(_WRONG_KEYS)

    async def identify(self, request: Request) -> Caller:
        """Who sends a request.

        Raises:
            Problem: 401 without a usable key, 403 without TLS, 429 after too many wrong ones.
        """
        if not self._is_local and request.url.scheme != "https":
            raise Problem(
                403,
                "https-required",
                "HTTPS is required",
                "send the request by HTTPS, to the proxy before this server",
            )
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and secret:
            return await self._of_secret(secret.strip(), _address(request))
        if await self._is_open(request):
            return LOCAL
        raise _unauthorised("send a key: `Authorization: Bearer nophoto_…`")

    async def count(self, caller: Caller) -> None:
        """Count a request of a caller.

        Raises:
            Problem: 429 where it sent too many.
        """
        limits = self._rate if caller.rate is None else self._limits_of(caller.rate)
        for limit in limits:
            if not await self._rates.hit(limit, caller.name):
                await self._refuse(limit, f"this key allows {limit}", caller.name)

    def _limits_of(self, rate: str) -> list[RateLimitItem]:
        if rate not in self._limits:
            self._limits[rate] = _limits(rate)
        return self._limits[rate]

    async def _refuse(self, limit: RateLimitItem, detail: str, *counted: str) -> None:
        wait = await self._rates.seconds_left(limit, *counted)
        raise Problem(
            429,
            "too-many-requests",
            "Too many requests",
            f"{detail}; send the request again in {wait} s",
            {"Retry-After": str(wait)},
        )

    async def _of_secret(self, secret: str, address: str) -> Caller:
        digest = digest_of(secret)
        if digest in self._keys:
            key = self._keys[digest]
        else:
            # A key that was good is looked up all the same: another program behind the same address
            # may send a wrong one.
            for limit in self._wrong if digest not in self._known else ():
                if not await self._rates.test(limit, "wrong", address):
                    await self._refuse(limit, "too many requests with wrong keys", "wrong", address)
            key = self._keys[digest] = await to_thread.run_sync(self._look_up, digest)
        now = datetime.now(UTC)
        if key is None or not key.is_usable or (key.expires_at and key.expires_at <= now):
            self._known.pop(digest, None)
            for limit in self._wrong:
                await self._rates.hit(limit, "wrong", address)
            raise _unauthorised("the key is unknown, expired or revoked")
        self._known[digest] = True
        return Caller(key.name, key.scopes, key.rate)

    def _look_up(self, digest: str) -> ApiKeyRow | None:
        with self._database.reading() as session:
            key = api_keys.find(session, digest)
        if key and key.is_usable and api_keys.is_use_due(key, datetime.now(UTC)):
            with self._database.transaction() as session:
                api_keys.note_use(session, key.id)
        return key

    async def _is_open(self, request: Request) -> bool:
        """Whether a request needs no key: from this machine, where no key exists yet."""
        if not self._is_local or any(name in request.headers for name in _FORWARDED):
            return False
        # No foreign page may point a name of its own at this address.
        if request.headers.get("host", "").lower().rpartition(":")[0] not in _LOOPBACK and (
            request.headers.get("host", "").lower() not in _LOOPBACK
        ):
            return False
        if "origin" in request.headers or "sec-fetch-site" in request.headers:
            return False  # a browser's page; backends are none
        if "any" not in self._needs_key:
            self._needs_key["any"] = await to_thread.run_sync(self._has_keys)
        return not self._needs_key["any"]

    def _has_keys(self) -> bool:
        with self._database.reading() as session:
            return bool(api_keys.list_all(session))


def _limits(rate: str) -> list[RateLimitItem]:
    return parse_many(rate) if rate else []


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _unauthorised(detail: str) -> Problem:
    return Problem(
        401, "unauthorised", "No usable key", detail, {"WWW-Authenticate": 'Bearer realm="nophoto"'}
    )
