"""A file that kills its decoder costs a worker that upload alone, whatever the worker does."""

from collections.abc import Callable

import pytest
from celery import Celery
from sqlalchemy import delete, update

from nophoto.models.records import references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.outcomes.results import find
from nophoto.models.records.references import NewReference
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.tables import Embedding, RunKind, RunState, Upload
from nophoto.worker.context import WorkerContext
from nophoto.worker.settings import Settings

Draw = Callable[[int], bytes]


@pytest.fixture
def context(settings: Settings, model: str) -> WorkerContext:
    return WorkerContext(settings)


def outcomes(database: Database) -> dict[str, str | None]:
    with database.reading() as session:
        return {row.key: row.verdict or row.failure for row in find(session)}


def test_scoring(
    killer: bytes,
    context: WorkerContext,
    database: Database,
    upload: Callable[..., list[int]],
    noise: Draw,
) -> None:
    ids = upload(a=noise(1), killer=killer, c=noise(2))
    context.pipeline.score_chunk(ids)
    assert outcomes(database) == {"a": "real", "killer": "crashed", "c": "real"}


def test_rescoring_without_embeddings(
    killer: bytes,
    context: WorkerContext,
    database: Database,
    upload: Callable[..., list[int]],
    noise: Draw,
    pictures,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = upload(a=noise(1), killer=noise(2), c=noise(3))
    context.pipeline.score_chunk(ids)
    # As where another network is to judge, or a newer decoder than the one that let it pass.
    (pictures / "killer").write_bytes(killer)
    with database.transaction() as session:
        session.execute(delete(Embedding))
        session.execute(update(Upload).where(Upload.key == "c").values(needs_review=True))
        wanted = RescoreParameters().as_dict()
        run_id = runs.request(session, RunKind.RESCORE, wanted)
    messages = 1
    while messages:
        messages += context.rescoring.step(run_id) - 1
    with database.reading() as session:
        done = runs.get(session, run_id)
    assert done.state is RunState.DONE
    assert done.result is not None
    assert done.result["failures"] == {"crashed": 1}
    assert (done.result["embedded"], done.result["compared"], done.result["written"]) == (2, 2, 1)
    assert str(pictures / "killer") in caplog.text
    assert outcomes(database) == dict.fromkeys(("a", "killer", "c"), "real")


def test_references_and_allowed_pictures_of_the_database(
    killer: bytes,
    context: WorkerContext,
    database: Database,
    placeholder: Draw,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # As from a time when they were decoded without harm.
    with database.transaction() as session:
        new = [NewReference("tile", placeholder(1)), NewReference("killer", killer)]
        ids = {member.name: member.id for member in references.add(session, new).added}
        allowed = NewAllowedPicture("ab" * 32, "killer", "ours", killer, look_alikes=True)
        allow_list.add(session, [allowed])
    judge = context.judge.current()
    assert [member.name for member in judge.references.members] == ["tile"]
    assert f"reference {ids['killer']} is compared with nothing" in caplog.text
    assert not len(judge.allowed.look_alikes)


def test_the_parts_are_built_once_and_handed_on(context: WorkerContext) -> None:
    parts = ("database", "broker", "storage", "decoders", "judge", "pipeline", "rescoring")
    assert all(getattr(context, name) is getattr(context, name) for name in parts)
    assert isinstance(context.broker, Celery)
    context.finish()
