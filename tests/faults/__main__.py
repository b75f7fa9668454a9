"""`make faults`: a long campaign, and its table."""

import argparse
import sys

from tests.faults.campaign import Line, run
from worker.settings import Settings


def main() -> int:
    defaults = Settings(_env_file=None)
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--uploads", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), action="append")
    parser.add_argument("--lease", type=float, default=defaults.lease_seconds)
    parser.add_argument("--sweep", type=float, default=defaults.sweep_seconds)
    parser.add_argument("--only", default=[""], nargs="*", help="parts of faults' names")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}, lease {chosen.lease:g} s, sweep every {chosen.sweep:g} s\n")
    print("| database | fault | uploads | injected | lost | double | wrong | recovery (s) |")
    print("|---|---|---:|---:|---:|---:|---:|---:|", flush=True)
    lines: list[Line] = []
    for database in chosen.database or ("postgresql", "sqlite"):
        for line in run(
            database,
            chosen.uploads,
            chosen.seed,
            lease=chosen.lease,
            sweep=chosen.sweep,
            only=chosen.only,
        ):
            lines.append(line)
            print(
                f"| {database} | {line.name} | {line.uploads} | {line.injected} | {line.lost} "
                f"| {line.double} | {line.wrong} | {line.recovery:.1f} |",
                flush=True,
            )
            for detail in line.details:
                print(f"  {detail}", file=sys.stderr)
    bad = [line for line in lines if not line.is_good]
    print(f"\n{sum(line.uploads for line in lines)} uploads, {len(lines)} faults, {len(bad)} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
