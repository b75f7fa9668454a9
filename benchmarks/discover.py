"""How long `nophoto discover` takes over a million pictures, and how much memory.

`python -m benchmarks.discover [COUNT]` starts PostgreSQL and fills it with uploads that were judged
real. Their embeddings lie as those of photographs do (drawn around a few hundred centres); among
them are 500 copies of one picture, and 200 groups of 20. Reading from the database is counted, and
told apart; loading the network is not.
"""

import resource
import sys
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from time import monotonic, process_time

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from benchmarks import machine
from benchmarks.installation import Installation, install
from nophoto.jobs.curation.discover import MOST, discover
from nophoto.models.records.outcomes import unflagged
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.matching.judge import Judge

_CENTRES = 300
_BLOCK = 50_000
_GROUPS = (500, *[20] * 200)
"""Copies of each planted picture."""

_NOISE = 0.009
"""Of each number of a copy's embedding: their cosines are about 0.99."""

_UPLOADS = """
INSERT INTO uploads (key, uri, lane, state, attempts, digest, verdict, needs_review, similarity,
    nearest_reference_id, model_version_id, reference_set_version, created_at, updated_at,
    judged_at)
SELECT 'made/' || n, '/srv/uploads/made/' || n || '.jpg', 'bulk', 'judged', 1,
    encode(sha256(n::text::bytea), 'hex'), 'real', false, 0.1,
    (SELECT min(id) FROM "references"), :version, 1, now(), now(), now()
FROM generate_series(CAST(:first AS bigint), :last) AS n
"""
_COPY = "COPY embeddings (digest, model_version_id, vector) FROM STDIN"


def main(count: int) -> None:
    """Print seconds and memory."""
    with install() as installation:
        database, settings = installation.database, installation.settings
        judge = ActiveJudge(database, settings, decoders_of(settings)).current()
        _fill(installation, judge, count)
        before = _peak()
        started, used = monotonic(), process_time()
        read = _read(installation, judge)
        reading = monotonic() - started
        started, used = monotonic(), process_time()
        found = discover(database, judge)
        seconds, used = monotonic() - started, process_time() - used
    print(f"pictures            {read:,}")
    print(
        f"seconds             {seconds:.1f}, {used:.1f} of a processor; reading alone {reading:.1f}"
    )
    print(f"embeddings          {2 * judge.network.dimension * min(count, MOST) / 2**20:.0f} MiB")
    print(
        f"memory              {(_peak() - before) / 2**20:.0f} MiB at most, the embeddings included"
    )
    print(f"groups found        {len(found)} of {len(_GROUPS)}")
    print(f"of the 500 copies   {found[0].keys if found else 0} in the first group")
    print("; ".join(f"{name} {value}" for name, value in machine.facts().items()))


def _read(installation: Installation, judge: Judge) -> int:
    week = timedelta(days=7)
    with installation.database.reading() as session:
        pictures = unflagged.unflagged_pictures(
            session,
            judge.network.version.id,
            judge.network.dimension,
            window=week,
            looked_back=4 * week,
            most=MOST,
        )
    return len(pictures.keys)


def _fill(installation: Installation, judge: Judge, count: int) -> None:
    """Have so many uploads that were judged real, each of its own bytes."""
    database, version = installation.database, judge.network.version.id
    for first, vectors in _vectors(count, judge.network.dimension):
        values = {"version": version, "first": first, "last": first + len(vectors) - 1}
        with database.transaction() as session:
            session.execute(text(_UPLOADS), values)
            cursor = session.connection().connection.cursor()
            with cursor.copy(_COPY) as rows:
                for place, vector in enumerate(vectors):
                    digest = sha256(str(first + place).encode()).hexdigest()
                    rows.write_row((digest, version, vector.tobytes()))
    with database.transaction() as session:
        session.execute(text("ANALYZE uploads, embeddings"))


def _vectors(count: int, dimension: int) -> Iterator[tuple[int, NDArray[np.float16]]]:
    """Embeddings block by block, each with the number of its first."""
    random = np.random.default_rng(1)
    centres = random.standard_normal((_CENTRES, dimension))
    pictures = random.standard_normal((len(_GROUPS), dimension))
    planted = random.choice(count, sum(_GROUPS), replace=False)
    group_of = dict(zip(planted.tolist(), np.repeat(range(len(_GROUPS)), _GROUPS), strict=True))
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        noise = random.standard_normal((size, dimension))
        some = centres[random.integers(_CENTRES, size=size)] + noise
        for place in range(size):
            if (group := group_of.get(start + place)) is not None:
                picture = pictures[group] / np.linalg.norm(pictures[group])
                some[place] = picture + _NOISE * noise[place]
        some /= np.linalg.norm(some, axis=1, keepdims=True)
        yield start + 1, some.astype("<f2")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
