"""Who a request comes from: a session, as long as its user and their password are still there."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from nophoto.console.auth.sessions import Holder, Sessions
from nophoto.jobs.operations.users import fingerprint_of
from nophoto.models.records.database import Database, DatabaseUnreachableError

FRESH_SECONDS = 2.0
"""How long what is known of a user serves for what is only looked at, such as a page's pictures."""


class CurrentUser:
    """Tells whom a token stands for; any thread may call it.

    Args:
        database: which knows the users.
        sessions: which know the tokens.
        now: seconds on a clock that never goes back.
    """

    def __init__(
        self, database: Database, sessions: Sessions, now: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._now = now
        self._seen: dict[Holder, float] = {}
        self._lock = Lock()

    def user(self, token: str | None, acts: bool = False) -> str | None:
        """The user whom `token` stands for; None where there is none, or not any more.

        Args:
            token: that came with a request.
            acts: whether the request may change something: then the user is looked up again.
        """
        holder = self._sessions.holder(token)
        if holder is None:
            return None
        if (acts or not self._was_seen(holder)) and not self._is_there(holder):
            self._sessions.end(token)
            return None
        return holder.user

    def _was_seen(self, holder: Holder) -> bool:
        with self._lock:
            seen = self._seen.get(holder)
        return seen is not None and self._now() - seen <= FRESH_SECONDS

    def _is_there(self, holder: Holder) -> bool:
        asked = self._now()
        try:
            is_there = fingerprint_of(self._database, holder.user) == holder.password_fingerprint
        except DatabaseUnreachableError:
            # The page stands and says so; whatever acts fails because the database is away.
            is_there = True
        with self._lock:
            self._seen[holder] = asked
            for one, seen in list(self._seen.items()):
                if asked - seen > FRESH_SECONDS or (one == holder and not is_there):
                    del self._seen[one]
        return is_there
