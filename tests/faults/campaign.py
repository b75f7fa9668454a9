"""A campaign: every fault in a seeded random order, uploads that flow, an audit after each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, sleep

import numpy as np

from tests.faults.audit import Audit, audit
from tests.faults.kinds import Fault, NotInjectedError, all_faults
from tests.faults.servers import temporary_folder
from tests.faults.site import Site, wait_for

RECOVERED_WITHIN = 90.0
"""Seconds after the part's return, by the issue's promise."""


@dataclass
class Line:
    """What one kind of fault did."""

    name: str
    injected: int = 0
    uploads: int = 0
    lost: int = 0
    double: int = 0
    wrong: int = 0
    recovery: float = 0.0
    details: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        kept = not (self.lost or self.double or self.wrong)
        return bool(self.injected) and kept and self.recovery <= RECOVERED_WITHIN


def run(
    database: str,
    uploads: int,
    seed: int,
    *,
    lease: float,
    sweep: float,
    only: Sequence[str] = ("",),
    part: tuple[int, int] = (0, 1),
    door: str = "intake",
) -> Iterator[Line]:
    """Inject the faults of `database` one after the other, and tell what each did.

    Args:
        database: `postgresql` or `sqlite`.
        uploads: of the whole campaign, about.
        seed: of the order and of all that is random.
        lease, sweep: seconds, as in the settings.
        only: the names of the faults must hold one of these.
        door: by which uploads come, `intake` or `http`.
        part: which of how many parts of the campaign; together they inject every fault once.
    """
    faults = [f for f in all_faults(database, door) if any(part in f.name for part in only)]
    order = [faults[i] for i in np.random.default_rng(seed).permutation(len(faults))]
    each = max(48, uploads // max(1, len(order)))
    place, parts = part
    if not order[place::parts]:
        return
    with temporary_folder() as folder:
        site = Site(folder, database, lease, sweep, seed + place, door)
        try:
            yield from (_inject(site, fault, each) for fault in order[place::parts])
        finally:
            site.stop()


def _inject(site: Site, fault: Fault, uploads: int) -> Line:
    line = Line(fault.name, uploads=uploads)
    before = _audit(site)
    ids = site.enqueue(site.make(uploads))
    if fault.tail:
        ids += site.enqueue(site.make(1, fault.tail) + site.make(7))
        line.uploads += 8
    site.review(ids[:2])
    try:
        fault.inject(site, ids)
        line.injected = 1
    except NotInjectedError:
        pass
    # What comes after the part's return has to flow as well.
    returned = monotonic()
    site.enqueue(site.make(8))
    line.uploads += 8
    wait_for(lambda: _drained(site), 3 * RECOVERED_WITHIN)
    line.recovery = monotonic() - returned
    sleep(0.3)
    after = _audit(site)
    line.lost = len(after.lost) - len(before.lost)
    line.double = len(after.double) - len(before.double)
    line.wrong = len(after.wrong) - len(before.wrong)
    if not line.is_good:
        line.details = (*after.lost[-5:], *after.double[-5:], *after.wrong[-5:])
    site.clear_trips()
    return line


def _drained(site: Site) -> bool:
    for worker in site.workers:
        worker.keep_alive()
    return site.count_open() == 0


def _audit(site: Site) -> Audit:
    return audit(site.database, site.expected, site.digests, site.reviews, site.runs)
