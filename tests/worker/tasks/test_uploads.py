import logging
from collections.abc import Callable

import pytest
from celery import Celery
from sqlalchemy import select

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.context import WorkerContext
from nophoto.worker.settings import Settings
from nophoto.worker.tasks.uploads import register


@pytest.fixture
def context(settings: Settings) -> WorkerContext:
    return WorkerContext(settings)


@pytest.fixture
def app(settings: Settings, context: WorkerContext) -> Celery:
    app = create_app(settings)
    register(app, context)
    return app


@pytest.fixture
def stored(database: Database) -> Callable[[], dict[str, Upload]]:
    def stored() -> dict[str, Upload]:
        with database.reading() as session:
            return {row.key: row for row in session.scalars(select(Upload))}

    return stored


def test_the_names_are_those_that_others_send(app: Celery) -> None:
    names = {name for name in app.tasks if name.startswith("nophoto.")}
    assert names == {
        "nophoto.prune",
        "nophoto.shadow",
        "nophoto.rescore",
        "nophoto.rescore_step",
        "nophoto.retrain",
        "nophoto.score",
        "nophoto.score_chunk",
        "nophoto.sweep",
    }


def test_takes_in_what_a_backend_sends_and_rings(
    app: Celery, stored: Callable[[], dict[str, Upload]]
) -> None:
    items = [{"key": "a", "uri": "/x/a", "user": 7}, {"key": "b", "uri": "/x/b"}]
    score = app.tasks["nophoto.score"]
    score(items)
    score(items, lane="interactive", trace="abc")
    score([{"key": "c", "uri": "/x/c"}], "bulk")
    rows = stored()
    assert {key: row.lane for key, row in rows.items()} == {
        "a": Lane.INTERACTIVE,
        "b": Lane.INTERACTIVE,
        "c": Lane.BULK,
    }
    assert all(row.published_at is not None for row in rows.values())
    assert (waiting(app, "interactive"), waiting(app, "bulk")) == (1, 1)


@pytest.mark.parametrize(
    "message",
    [
        (),
        ("text",),
        ([{"key": "a", "uri": "/x/a"}] * 10_001,),
        ({"key": "a", "uri": "/x/a"},),
        ([{"key": "a", "uri": "/x/a"}], "no such lane"),
        ([{"key": "a", "uri": "/x/a"}], ["bulk"]),
        (7,),
    ],
)
def test_refuses_messages_that_it_does_not_understand(
    message: tuple[object, ...],
    app: Celery,
    stored: Callable[[], dict[str, Upload]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    app.tasks["nophoto.score"](*message)
    assert stored() == {}
    assert "refused" in caplog.text


def test_refuses_malformed_uploads_each_by_itself(
    app: Celery, stored: Callable[[], dict[str, Upload]], caplog: pytest.LogCaptureFixture
) -> None:
    items: list[object] = [
        {"key": "good", "uri": "/x/good"},
        {"key": "no uri"},
        {"uri": "/x/no key"},
        {"key": 7, "uri": "/x/number"},
        {"key": None, "uri": None},
        {"key": "", "uri": "/x/empty"},
        {"key": "k" * 513, "uri": "/x/long"},
        {"key": "nul\0", "uri": "/x/nul"},
        ["key", "uri"],
        "text",
        None,
    ]
    app.tasks["nophoto.score"](items)
    assert list(stored()) == ["good"]
    assert caplog.text.count("refused the upload") == len(items) - 1


@pytest.mark.parametrize("ids", [None, "12", 12, ["1"], [True], [1.5], [None], [-1], [2**63], {}])
def test_refuses_chunks_that_are_no_row_ids(
    ids: object, app: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    app.tasks["nophoto.score_chunk"](ids)
    assert "refused" in caplog.text


def test_a_chunk_is_one_line_in_the_log(
    app: Celery,
    context: WorkerContext,
    model: str,
    upload: Callable[..., list[int]],
    noise: Callable[[int], bytes],
    stored: Callable[[], dict[str, Upload]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = upload(a=noise(1), b=b"text")
    with caplog.at_level(logging.INFO, "nophoto.worker.tasks.uploads"):
        app.tasks["nophoto.score_chunk"]([*ids, 999])
        context.finish()
    (line,) = [r.getMessage() for r in caplog.records if r.name == "nophoto.worker.tasks.uploads"]
    assert line.startswith("chunk ids=3 claimed=2 judged=1 failed=1 written=2 embedded=1 seconds=")
    assert {row.state for row in stored().values()} == {UploadState.JUDGED, UploadState.FAILED}


def test_the_sweep_sends_what_was_lost(
    app: Celery, upload: Callable[..., list[int]], noise: Callable[[int], bytes]
) -> None:
    upload(a=noise(1))
    app.tasks["nophoto.sweep"]()
    assert waiting(app, "bulk") == 1


def asked_for(database: Database) -> list[dict[str, object]]:
    """The parameters of every run."""
    with database.reading() as session:
        return [run.parameters for run in runs.list_runs(session)]


@pytest.mark.parametrize(
    ("message", "parameters"),
    [
        ((), {}),
        ((None,), {}),
        (({"dry_run": True, "trusted": [3], "filters": {}},), {"dry_run": True, "trusted": [3]}),
        (
            (
                {
                    "filters": {
                        "state": "judged",
                        "verdict": "real",
                        "needs_review": False,
                        "failure": "missing",
                        "key_prefix": "shop/",
                        "since": "2026-01-31T22:00:00",
                        "model_version": None,
                    }
                },
                "newer",
            ),
            {
                "filters": {
                    "state": "judged",
                    "verdict": "real",
                    "needs_review": False,
                    "failure": "missing",
                    "key_prefix": "shop/",
                    "since": "2026-01-31T22:00:00+00:00",
                }
            },
        ),
    ],
)
def test_a_message_asks_for_a_rescoring(
    app: Celery, database: Database, message: tuple[object, ...], parameters: dict[str, object]
) -> None:
    app.tasks["nophoto.rescore"](*message)
    every = {"filters": {}, "dry_run": False, "yes": False, "trusted": []}
    assert asked_for(database) == [every | parameters]
    assert waiting(app, "bulk") == 1


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([], "its parameters are no object"),
        ("dry_run", "its parameters are no object"),
        ({"dryrun": True}, "no parameter of a rescoring is called 'dryrun'"),
        ({"dry_run": "yes"}, "`dry_run` takes true or false, not 'yes'"),
        ({"trusted": ["3"]}, "`trusted` takes a list of the ids of references"),
        ({"filters": "shop/"}, "`filters` takes an object"),
        ({"filters": {"prefix": "shop/"}}, "no filter of a rescoring is called 'prefix'"),
        ({"filters": {"verdict": "maybe"}}, "the filter `verdict` does not take 'maybe'"),
        ({"filters": {"needs_review": "yes"}}, "the filter `needs_review` does not take 'yes'"),
        ({"filters": {"since": 7}}, "the filter `since` does not take 7"),
    ],
)
def test_a_rescoring_that_means_nothing_is_refused_in_the_log(
    app: Celery,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    parameters: object,
    said: str,
) -> None:
    caplog.set_level(logging.ERROR)
    app.tasks["nophoto.rescore"](parameters)
    assert said in caplog.text
    assert asked_for(database) == []


@pytest.mark.parametrize(
    ("is_paused", "said"),
    [(False, "is queued already; wait for it"), (True, "is paused already; `nophoto runs resume")],
)
def test_a_rescoring_beside_an_open_one_is_refused_in_the_log(
    app: Celery, database: Database, caplog: pytest.LogCaptureFixture, is_paused: bool, said: str
) -> None:
    caplog.set_level(logging.ERROR)
    app.tasks["nophoto.rescore"]()
    if is_paused:
        with database.transaction() as session:
            runs.pause(session, runs.list_runs(session)[0].id)
    app.tasks["nophoto.rescore"]({"yes": True})
    assert said in caplog.text
    assert [parameters["yes"] for parameters in asked_for(database)] == [False]
