"""`make faults`: a long campaign, and its table."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from time import monotonic

from nophoto.worker.settings import Settings
from tests.faults.campaign import Line
from tests.faults.sites import run_all


def main() -> int:
    defaults = Settings(_env_file=None)
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--uploads", type=int, default=1000, help="for each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), action="append")
    parser.add_argument("--lease", type=float, default=defaults.lease_seconds)
    parser.add_argument("--sweep", type=float, default=defaults.sweep_seconds)
    parser.add_argument(
        "--door", choices=("intake", "http"), default="intake", help="by which uploads come"
    )
    parser.add_argument("--only", default=[""], nargs="*", help="parts of faults' names")
    parser.add_argument(
        "--sites",
        type=int,
        default=3,
        help="of each database at once: recovery is mostly waiting, for a lease or a sweep",
    )
    chosen = parser.parse_args()
    started = monotonic()
    print(f"seed {chosen.seed}, lease {chosen.lease:g} s, sweep every {chosen.sweep:g} s\n")
    databases = chosen.database or ("postgresql", "sqlite")
    lines: dict[str, dict[str, Line]] = defaultdict(dict)
    for database, line in run_all(
        databases,
        chosen.sites,
        uploads=chosen.uploads,
        seed=chosen.seed,
        lease=chosen.lease,
        sweep=chosen.sweep,
        only=chosen.only,
        door=chosen.door,
    ):
        lines[line.name][database] = line
        verdict = "good" if line.is_good else "BAD"
        print(f"{database}: {line.name}: {verdict}, {line.recovery:.1f} s", file=sys.stderr)
        for detail in line.details:
            print(f"  {detail}", file=sys.stderr)
    print(
        f"| fault | uploads | injected | lost | double | wrong | {' (s) | '.join(databases)} (s) |"
    )
    print("|---|" + "---:|" * (5 + len(databases)))
    for name in sorted(lines):
        print(_row(name, lines[name], databases))
    all_lines = [line for by_database in lines.values() for line in by_database.values()]
    bad = [line for line in all_lines if not line.is_good]
    print(
        f"\n{sum(line.uploads for line in all_lines)} uploads, {len(all_lines)} faults, "
        f"{len(bad)} bad, {monotonic() - started:.0f} s"
    )
    return 1 if bad or not lines else 0


def _row(name: str, lines: Mapping[str, Line], databases: Sequence[str]) -> str:
    sums = [
        sum(getattr(line, column) for line in lines.values())
        for column in ("uploads", "injected", "lost", "double", "wrong")
    ]
    seconds = [f"{lines[d].recovery:.1f}" if d in lines else "–" for d in databases]
    return f"| {name} | {' | '.join(map(str, sums))} | {' | '.join(seconds)} |"


if __name__ == "__main__":
    sys.exit(main())
