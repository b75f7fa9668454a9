"""How often somebody may guess a password."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from time import monotonic

_FAILURES = 5
_OF_A_NETWORK = 20
_OF_A_NAME = 50
_WINDOW = 300.0
"""Seconds in which so many failures are let: of a name from a network, of a network, of a name."""

_KNOWN = 10_000
"""Names with a network from which they logged in that are remembered at most, the last ones."""

_Counter = tuple[str | None, str | None]
"""Name and network; None where failures count of all of them."""


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
