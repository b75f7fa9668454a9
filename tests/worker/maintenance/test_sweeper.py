import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from celery import Celery
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import update

from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims
from nophoto.models.records.tables import Lane, Upload
from nophoto.models.records.versions import model_versions, shadows
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import (
    BrokerUnreachableError,
    check_broker,
    publish_chunks,
    waiting,
)
from nophoto.worker.dispatch.ingest import NotPublishedError, ingest_uploads
from nophoto.worker.maintenance.sweeper import sweep
from nophoto.worker.settings import Settings


@pytest.fixture
def app(settings: Settings) -> Celery:
    return create_app(settings)


@pytest.fixture
def messages(settings: Settings) -> Callable[[str], list[list[int]]]:
    """Takes the messages of a lane out of the broker; each is the row ids that it holds."""
    broker = Redis.from_url(settings.effective_broker_url.replace("redis+socket", "unix"))

    def taken(lane: str) -> Iterator[list[int]]:
        while (raw := broker.rpop(lane)) is not None:
            message = json.loads(raw)  # type: ignore[arg-type]
            assert message["headers"]["task"] == "nophoto.score_chunk"
            yield json.loads(base64.b64decode(message["body"]))[0][0]

    return lambda lane: list(taken(lane))


@pytest.fixture
def enqueue(database: Database) -> Callable[..., list[int]]:
    def enqueue(*keys: str, lane: Lane = Lane.BULK) -> list[int]:
        with database.transaction() as session:
            return add_uploads(session, [NewUpload(key, f"/x/{key}") for key in keys], lane).ids

    return enqueue


def let_leases_pass(database: Database) -> None:
    with database.transaction() as session:
        past = clock.now(session) - timedelta(hours=1)
        session.execute(update(Upload).values(published_at=past))
        session.execute(
            update(Upload).where(Upload.lease_until.is_not(None)).values(lease_until=past)
        )


def test_sends_lost_uploads_again_once_in_chunks_of_their_lane(
    database: Database,
    app: Celery,
    settings: Settings,
    enqueue: Callable[..., list[int]],
    messages: Callable[[str], list[list[int]]],
) -> None:
    settings = settings.model_copy(update={"chunk_size": 2})
    bulk, interactive = enqueue("a", "b", "c"), enqueue("d", lane=Lane.INTERACTIVE)
    assert sweep(database, app, settings).sent == 4
    assert messages("bulk") == [bulk[:2], bulk[2:]]
    assert messages("interactive") == [interactive]
    assert sweep(database, app, settings).sent == 0
    let_leases_pass(database)  # nobody came
    assert sweep(database, app, settings).sent == 4


def test_sends_uploads_of_a_lost_worker_again_each_alone(
    database: Database,
    app: Celery,
    settings: Settings,
    enqueue: Callable[..., list[int]],
    messages: Callable[[str], list[list[int]]],
) -> None:
    ids = enqueue("a", "b", "c")
    with database.transaction() as session:
        claims.claim(session, ids[:2], 60)
    assert sweep(database, app, settings).sent == 1  # the third; the others are held
    messages("bulk")
    let_leases_pass(database)
    sweep(database, app, settings)
    assert messages("bulk") == [[ids[2]], [ids[0]], [ids[1]]]


def test_gives_up_what_ended_every_worker(
    database: Database, app: Celery, settings: Settings, enqueue: Callable[..., list[int]]
) -> None:
    ids = enqueue("a")
    for _ in range(settings.max_attempts):
        let_leases_pass(database)
        with database.transaction() as session:
            assert claims.claim(session, ids, 60).uploads
    let_leases_pass(database)
    report = sweep(database, app, settings)
    assert (report.sent, report.given_up) == (0, 1)
    with database.reading() as session:
        assert session.get_one(Upload, ids[0]).failure == FailureCode.CRASHED


def test_a_shadow_run_goes_on_with_each_sweep_until_it_ends(
    database: Database, app: Celery, settings: Settings
) -> None:
    broker = Redis.from_url(settings.effective_broker_url.replace("redis+socket", "unix"))
    sweep(database, app, settings)
    assert broker.llen("bulk") == 0
    with database.transaction() as session:
        for version in ("active", "candidate"):
            new = NewModelVersion(version, "0" * 64, "a network", 8, 0.5, 0.4, 0.6, {}, "/x")
            model_versions.register(session, new)
        model_versions.activate(session, "active")
        shadow = shadows.start(session, "candidate", 0.1, "ann")
    sweep(database, app, settings)
    message = json.loads(broker.rpop("bulk"))  # type: ignore[arg-type]
    assert message["headers"]["task"] == "nophoto.shadow"
    assert message["headers"]["expires"], "what no worker takes before the next sweep is dropped"
    with database.transaction() as session:
        shadows.end(session, shadow.id, "enough")
    sweep(database, app, settings)
    assert broker.llen("bulk") == 0


def test_taking_in_tells_of_new_uploads_alone(
    database: Database,
    app: Celery,
    settings: Settings,
    messages: Callable[[str], list[list[int]]],
) -> None:
    items = [NewUpload("a", "/x/a"), NewUpload("b", "/x/b")]
    added = ingest_uploads(database, app, items, Lane.INTERACTIVE, 64)
    assert waiting(app, "interactive") == 1
    assert messages("interactive") == [added.ids]
    again = ingest_uploads(database, app, [*items, NewUpload("c", "/x/c")], Lane.INTERACTIVE, 64)
    assert (len(again.ids), again.known) == (1, 2)
    assert messages("interactive") == [again.ids]
    assert ingest_uploads(database, app, items, Lane.INTERACTIVE, 64).ids == []
    assert messages("interactive") == []
    assert sweep(database, app, settings).sent == 0  # all were told a moment ago


def test_without_a_broker_uploads_are_kept_and_the_sweep_sends_them_later(
    database: Database,
    app: Celery,
    settings: Settings,
    messages: Callable[[str], list[list[int]]],
) -> None:
    nowhere = SecretStr("redis://:password@127.0.0.1:1/0")
    absent = create_app(settings.model_copy(update={"broker_url": nowhere}))
    with pytest.raises(NotPublishedError, match="will be judged") as caught:
        ingest_uploads(database, absent, [NewUpload("a", "/x/a")], Lane.BULK, 64)
    assert "password" not in str(caught.value)
    with pytest.raises(BrokerUnreachableError, match="NOPHOTO_BROKER_URL"):
        check_broker(absent)
    assert publish_chunks(absent, [], lane="bulk", chunk_size=64) == 0
    assert sweep(database, app, settings).sent == 1
    assert messages("bulk") == [caught.value.added.ids]
