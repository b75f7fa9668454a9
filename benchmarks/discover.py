"""How long `nophoto discover` takes to compare a million pictures, and how much memory.

`python -m benchmarks.discover [COUNT]`: embeddings like those of real pictures (drawn around a few
hundred centres, as photographs of the same subjects lie), 500 planted copies of one picture, and
200 groups of 20. What the database takes to hand them over is not counted.
"""

import resource
import sys
from time import monotonic, process_time

import numpy as np

from nophoto.models.vision.matching import SAME_PICTURE, near_copies

_DIMENSION = 128
_CENTRES = 300
_BLOCK = 50_000


def main(count: int) -> None:
    """Print seconds and memory."""
    random = np.random.default_rng(1)
    vectors = np.empty((count, _DIMENSION), np.float16)
    centres = random.standard_normal((_CENTRES, _DIMENSION))
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        some = centres[random.integers(_CENTRES, size=size)] + random.standard_normal(
            (size, _DIMENSION)
        )
        vectors[start : start + size] = some / np.linalg.norm(some, axis=1, keepdims=True)
    sizes = [500, *[20] * 200]
    for size in sizes:
        picture = random.standard_normal(_DIMENSION)
        some = picture / np.linalg.norm(picture) + 0.009 * random.standard_normal(
            (size, _DIMENSION)
        )
        rows = random.choice(count, size, replace=False)
        vectors[rows] = some / np.linalg.norm(some, axis=1, keepdims=True)
    before = _peak()
    started, used = monotonic(), process_time()
    found = near_copies(
        vectors, np.ones(count, np.int64), SAME_PICTURE, 5, np.random.default_rng(2)
    )
    seconds, used = monotonic() - started, process_time() - used
    print(f"pictures            {count:,}")
    print(f"seconds             {seconds:.1f}, {used:.1f} of a processor")
    print(f"embeddings          {vectors.nbytes / 2**20:.0f} MiB")
    print(f"memory beside them  {(_peak() - before) / 2**20:.0f} MiB at most")
    print(f"groups found        {len(found)} of {len(sizes)}")
    print(f"of the 500 copies   {len(found[0].members) if found else 0} in the first group")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
