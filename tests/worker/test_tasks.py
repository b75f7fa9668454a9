import logging
from collections.abc import Callable

import pytest
from celery import Celery
from sqlalchemy import select

from models.records.database import Database
from models.records.tables import Lane, Upload, UploadState
from worker.app import create_app
from worker.doorbell import waiting
from worker.room import Room
from worker.settings import Settings
from worker.tasks import register


@pytest.fixture
def room(settings: Settings) -> Room:
    return Room(settings)


@pytest.fixture
def app(settings: Settings, room: Room) -> Celery:
    app = create_app(settings)
    register(app, room)
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
    assert all(row.rung_at is not None for row in rows.values())
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
    room: Room,
    model: str,
    upload: Callable[..., list[int]],
    noise: Callable[[int], bytes],
    stored: Callable[[], dict[str, Upload]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = upload(a=noise(1), b=b"text")
    with caplog.at_level(logging.INFO, "worker.tasks"):
        app.tasks["nophoto.score_chunk"]([*ids, 999])
        room.finish()
    (line,) = [r.getMessage() for r in caplog.records if r.name == "worker.tasks"]
    assert line.startswith("chunk ids=3 claimed=2 judged=1 failed=1 written=2 embedded=1 seconds=")
    assert {row.state for row in stored().values()} == {UploadState.JUDGED, UploadState.FAILED}


def test_the_sweep_sends_what_was_lost(
    app: Celery, upload: Callable[..., list[int]], noise: Callable[[int], bytes]
) -> None:
    upload(a=noise(1))
    app.tasks["nophoto.sweep"]()
    assert waiting(app, "bulk") == 1
