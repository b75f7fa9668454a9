"""Uploads that were judged, and rescorings of them in small chunks."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256

import numpy as np
import pytest
from celery import Celery

from nophoto.models.records import references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.runs import RunRow
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import record_outcomes
from nophoto.models.records.tables import Lane, RunKind
from nophoto.worker.broker.app import create_app
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.matching.verdicts import classify_uploads
from nophoto.worker.rescoring import Rescoring
from nophoto.worker.settings import Settings
from tests.parts import DECODERS, rescoring_of
from tests.worker.rescoring.steps import Seed, Vectors, drain, near


@pytest.fixture
def app(settings: Settings) -> Celery:
    return create_app(settings)


@pytest.fixture
def small(settings: Settings) -> Settings:
    """Chunks of seven ids, so that a few uploads make several."""
    return settings.model_copy(update={"rescore_chunk_size": 7, "quarantine_minimum": 10})


@pytest.fixture
def rescoring(database: Database, small: Settings, model: str, app: Celery) -> Rescoring:
    return rescoring_of(database, small, app)


@pytest.fixture
def reference_vector(
    database: Database, network: Network, settings: Settings, model: str
) -> Callable[[int], Vectors]:
    """Gives the embedding of a reference, made as a worker makes it."""

    def vector(reference_id: int) -> Vectors:
        judge = ActiveJudge(database, settings, DECODERS).current()
        ids = [member.id for member in judge.references.members]
        return judge.references.vectors[ids.index(reference_id)]

    return vector


@pytest.fixture
def seed(database: Database, settings: Settings, model: str) -> Seed:
    """Stores judged uploads with these embeddings, judged as things stand now."""

    def seed(vectors: dict[str, Vectors]) -> None:
        judge = ActiveJudge(database, settings, DECODERS).current()
        keys = list(vectors)
        digests = [sha256(key.encode()).hexdigest() for key in keys]
        with database.transaction() as session:
            ids = [
                add_uploads(session, [NewUpload(key, f"/x/{key}")], Lane.BULK).ids[0]
                for key in keys
            ]
            token = claims.claim(session, ids, 60).token
            halves = {d: vectors[k].astype(np.float16) for d, k in zip(digests, keys, strict=True)}
            embeddings.remember(session, model, halves)
            verdicts = classify_uploads(ids, digests, list(halves.values()), judge)
            version = judge.references.version
            record_outcomes(session, token, verdicts, [], model, version)

    return seed


@pytest.fixture
def ask(database: Database) -> Callable[..., int]:
    def ask(**parameters: object) -> int:
        with database.transaction() as session:
            wanted = RescoreParameters(**parameters).as_dict()
            return runs.request(session, RunKind.RESCORE, wanted)

    return ask


@pytest.fixture
def run(database: Database, rescoring: Rescoring, ask) -> Callable[..., RunRow]:
    """Asks for a rescoring and works on it until nothing is left to do."""

    def run(**parameters: object) -> RunRow:
        run_id = ask(**parameters)
        return drain(rescoring, database, run_id)

    return run


@pytest.fixture
def collection(
    add_reference, placeholder, noise, reference_vector, model: str
) -> Callable[[], tuple[int, dict[str, Vectors]]]:
    """Adds two references; gives the second, and pictures of which two resemble it alone."""

    @cache
    def collection() -> tuple[int, dict[str, Vectors]]:
        first = add_reference(placeholder(1))
        second = add_reference(noise(2))
        wanted = reference_vector(second)
        known = reference_vector(first)
        vectors = {f"photo-{n}": near(known, 0.0, n) for n in range(20)}
        vectors |= {"known": near(known, 0.99, 99)}
        vectors |= {f"new-{n}": near(wanted, 0.999, 200 + n) for n in range(2)}
        return second, vectors

    return collection


@pytest.fixture
def judge_before(database: Database, collection, seed: Seed) -> Callable[[], int]:
    """Judges a collection before its second reference is there, and gives that one's id."""

    def judge_before() -> int:
        second, vectors = collection()
        with database.transaction() as session:
            references.retire(session, [second])
        seed(vectors)
        with database.transaction() as session:
            references.restore(session, [second])
        return second

    return judge_before


@pytest.fixture
def later(judge_before: Callable[[], int]) -> int:
    """A collection that was judged before its second reference was there; returns its id."""
    return judge_before()
