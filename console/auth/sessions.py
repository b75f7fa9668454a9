"""Who is logged in: tokens that stand for users."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import time

from nophoto.models.records.access import logins
from nophoto.models.records.access.logins import SessionRow
from nophoto.models.records.database import Database, DatabaseUnreachableError

COOKIE = "nophoto-session"

_FRESH_SECONDS = 2.0
"""How long a session that was looked up serves for what comes together, such as pictures."""

_NOTED_EVERY = 60.0
"""Seconds after which another use of a session is noted."""

_KEPT = 10_000
"""Sessions that are remembered at most, the ones that were used last."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a session is of.

    Attributes:
        user: the name.
        password_fingerprint: of the password that they logged in with; see
            `nophoto.jobs.operations.users.Login`.
    """

    user: str
    password_fingerprint: str


class Sessions:
    """Random tokens that stand for users until they go unused for too long, or grow too old.

    They are in the database, so that several consoles know the same ones. What one console has
    seen serves for two seconds, and for as long as the database does not answer.

    Args:
        database: where they are.
        idle_seconds: unused, after which a session ends.
        longest_seconds: after which it ends however much it is used.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        database: Database,
        idle_seconds: float,
        longest_seconds: float,
        now: Callable[[], float] = time,
    ) -> None:
        self._database = database
        self._idle = idle_seconds
        self._longest = longest_seconds
        self._now = now
        self._seen: OrderedDict[str, tuple[float, SessionRow]] = OrderedDict()
        self._lock = Lock()

    def begin(self, holder: Holder) -> str:
        """A new token for `holder`."""
        token = secrets.token_urlsafe(32)
        now = self._now()
        with self._database.transaction() as session:
            logins.forget_old(
                session,
                unused_since=now - self._idle,
                begun_before=now - self._longest,
                ahead=now + self._longest,
            )
            row = SessionRow(holder.user, holder.password_fingerprint, now, now)
            logins.begin_session(session, _hash(token), row)
        return token

    def holder(self, token: str | None) -> Holder | None:
        """Whom `token` stands for; None where it is unknown or has ended.

        Asking does not count as use of the session: an open page asks for ever.
        """
        row = self._find(token)
        return None if row is None or self._is_old(row) else Holder(row.user, row.fingerprint)

    def use(self, token: str | None) -> None:
        """Count the session's idle time from now on again."""
        row, now = self._find(token), self._now()
        if token is None or row is None or self._is_old(row):
            return
        if now - row.used < min(_NOTED_EVERY, self._idle / 10):
            return
        with suppress(DatabaseUnreachableError), self._database.transaction() as session:
            logins.use_session(session, _hash(token), now)
        self._keep(_hash(token), now, SessionRow(row.user, row.fingerprint, row.begun, now))

    def end(self, token: str | None) -> None:
        """Let `token` stand for nobody."""
        if not token:
            return
        with self._lock:
            self._seen.pop(_hash(token), None)
        with self._database.transaction() as session:
            logins.end_session(session, _hash(token))

    def _find(self, token: str | None) -> SessionRow | None:
        if not token:
            return None
        key, now = _hash(token), self._now()
        with self._lock:
            seen = self._seen.get(key)
        if seen is not None and 0 <= now - seen[0] <= _FRESH_SECONDS:
            return seen[1]
        try:
            with self._database.reading() as session:
                row = logins.find_session(session, key)
        except DatabaseUnreachableError:
            # The page stands, and says that the database is away.
            return seen[1] if seen is not None else None
        if row is None:
            with self._lock:
                self._seen.pop(key, None)
            return None
        self._keep(key, now, row)
        return row

    def _keep(self, key: str, now: float, row: SessionRow) -> None:
        with self._lock:
            self._seen[key] = (now, row)
            self._seen.move_to_end(key)
            if len(self._seen) > _KEPT:
                self._seen.popitem(last=False)

    def _is_old(self, row: SessionRow) -> bool:
        now = self._now()
        # One that begins later than any session may last was begun by a clock that was ahead.
        return (
            now - row.used > self._idle
            or now - row.begun > self._longest
            or row.begun - now > self._longest
        )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
