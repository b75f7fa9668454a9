"""Working on a run to its end, vectors at a given cosine, and what was written of them."""

from collections.abc import Callable

import numpy as np
from sqlalchemy import func, select

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import Score
from nophoto.worker.rescoring import Rescoring

Vectors = np.ndarray
Seed = Callable[[dict[str, Vectors]], None]


def drain(rescoring: Rescoring, database: Database, run_id: int) -> RunRow:
    messages = 1
    steps = 0
    while messages:
        messages += rescoring.step(run_id) - 1
        steps += 1
        assert steps < 1_000
    with database.reading() as session:
        return runs.get(session, run_id)


def near(vector: Vectors, similarity: float, seed: int) -> Vectors:
    """A vector of length 1 with this cosine to `vector`."""
    across = np.random.default_rng(seed).normal(size=len(vector))
    across -= vector * (across @ vector)
    across /= np.linalg.norm(across)
    return similarity * vector + np.sqrt(1 - similarity**2) * across


def history(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Score)) or 0
