"""Who is logged in, and how often somebody may guess."""

import secrets
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from time import monotonic, time

from nophoto.models.records import logins
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.logins import SessionRow

COOKIE = "nophoto-session"

_FRESH_SECONDS = 2.0
"""How long a session that was looked up serves for what comes together, such as pictures."""

_NOTED_EVERY = 60.0
"""Seconds after which another use of a session is noted."""

_FAILURES = 5
_OF_A_NETWORK = 20
_OF_A_NAME = 50
_WINDOW = 300.0
"""Seconds in which so many failures are let: of a name from a network, of a network, of a name."""

_KNOWN = 10_000
"""Names with a network from which they logged in that are remembered at most, the last ones."""

_Counter = tuple[str | None, str | None]
"""Name and network; None where failures count of all of them."""


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
            if len(self._seen) > _KNOWN:
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


class Attempts:
    """Counts the attempts to log in that fail, so that guessing a password takes for ever.

    They count by name and network together, so that nobody locks another one out from elsewhere;
    by network, so that one does not try every name; and by name, so that many networks together
    do not guess one password. The last two do not hold for a network from which that name has
    logged in before: a person who is attacked keeps access from there.

    An attempt counts from its beginning, and no longer once it succeeds: many that are made at
    the same time are not more than as many that follow each other.

    Args:
        now: seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._counted: defaultdict[_Counter, deque[float]] = defaultdict(deque)
        self._known: OrderedDict[_Counter, None] = OrderedDict()
        self._lock = Lock()

    def begin(self, name: str, address: str) -> float | None:
        """Count an attempt of `name` from `address`; None where they have to wait.

        Returns:
            What `uncount` and `succeed` take back.
        """
        network = network_of(address)
        with self._lock:
            self._forget_old()
            limits: dict[_Counter, int] = {(name, network): _FAILURES}
            if (name, network) not in self._known:
                limits |= {(None, network): _OF_A_NETWORK, (name, None): _OF_A_NAME}
            if any(len(self._counted.get(key, ())) >= most for key, most in limits.items()):
                return None
            begun = self._now()
            for key in limits:
                self._counted[key].append(begun)
            return begun

    def uncount(self, name: str, address: str, begun: float) -> None:
        """Let an attempt count no longer, since nothing is known of its password."""
        with self._lock:
            self._uncount(name, network_of(address), begun)

    def succeed(self, name: str, address: str, begun: float) -> None:
        """Let an attempt count no longer, and know the network as one of `name`."""
        network = network_of(address)
        with self._lock:
            self._uncount(name, network, begun)
            self._known[name, network] = None
            self._known.move_to_end((name, network))
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)

    def _uncount(self, name: str, network: str, begun: float) -> None:
        for key in ((name, network), (None, network), (name, None)):
            if begun in self._counted.get(key, ()):
                self._counted[key].remove(begun)

    def _forget_old(self) -> None:
        oldest = self._now() - _WINDOW
        for key, times in list(self._counted.items()):
            while times and times[0] < oldest:
                times.popleft()
            if not times:
                del self._counted[key]


def network_of(address: str) -> str:
    """What one visitor may have whole: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address  # of a socket without one
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ip_network((int(parsed), 64), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)
