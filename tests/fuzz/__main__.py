"""`make fuzz`: many mutated pictures through the loader, and a table."""

import argparse
import sys
from hashlib import sha256
from pathlib import Path
from time import monotonic

from tests.fuzz.fuzzer import fuzz


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--extra", type=Path, help="a folder of more files to begin with")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    chosen = parser.parse_args()
    started = monotonic()

    def show(done: int) -> None:
        if done % 10_000 == 0:
            print(f"{done:,} files, {monotonic() - started:.0f} s", file=sys.stderr, flush=True)

    found = fuzz(chosen.count, chosen.seed, chosen.extra, show)
    print("| outcome | files |\n|---|---:|")
    for outcome, count in sorted(found.outcomes.items()):
        print(f"| {outcome} | {count:,} |")
    print(
        f"\nseed {chosen.seed}: {len(found.crashes)} crashes, {len(found.hangs)} hangs, "
        f"{len(found.escapes)} other exceptions; slowest {found.slowest:.2f} s, "
        f"peak memory {found.peak / 2**20:.0f} MiB, {monotonic() - started:.0f} s in all"
    )
    for reason, data in (
        *(("crash", data) for data in found.crashes),
        *(("hang", data) for data in found.hangs),
        *found.escapes,
    ):
        chosen.keep.mkdir(exist_ok=True)
        path = chosen.keep / sha256(data).hexdigest()[:16]
        path.write_bytes(data)
        print(f"{path}: {reason}", file=sys.stderr)
    return 0 if found.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
