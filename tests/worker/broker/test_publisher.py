"""The publisher's kept connection, with a broker that ends, hangs and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis

from nophoto.worker.broker import publisher
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import (
    BrokerUnreachableError,
    check_broker,
    publish_chunks,
    waiting,
)
from nophoto.worker.settings import Settings
from tests.faults.servers import Valkey, temporary_folder


@pytest.fixture
def broker() -> Iterator[Valkey]:
    with temporary_folder() as folder:
        server = Valkey(folder)
        yield server
        server.stop()


@pytest.fixture
def app(broker: Valkey, tmp_path: Path) -> Celery:
    url = f"redis://127.0.0.1:{broker.port}/0"
    return create_app(Settings(_env_file=None, home=tmp_path, broker_url=url))


def published(app: Celery, *ids: int) -> int:
    return publish_chunks(app, ids, lane="bulk", chunk_size=2)


def clients(broker: Valkey) -> int:
    with Redis(port=broker.port) as redis:
        return len(redis.client_list()) - 1


def test_a_process_keeps_one_connection(app: Celery, broker: Valkey) -> None:
    assert published(app, 1, 2, 3) == 2
    kept = clients(broker)
    for _ in range(5):
        assert published(app, 4) == 1
        assert waiting(app, "bulk")
    assert clients(broker) == kept
    assert waiting(app, "bulk") == 7


def test_a_broker_that_ended_is_told_of_and_rung_again_when_it_is_back(
    app: Celery, broker: Valkey
) -> None:
    assert published(app, 1) == 1
    broker.kill()
    for ask in (lambda: published(app, 2), lambda: waiting(app, "bulk"), lambda: check_broker(app)):
        with pytest.raises(BrokerUnreachableError, match="NOPHOTO_BROKER_URL"):
            ask()
    broker.start()
    check_broker(app)
    assert published(app, 3) == 1
    assert waiting(app, "bulk") == 1


def test_a_broker_that_was_started_again_meanwhile_is_rung_at_once(
    app: Celery, broker: Valkey
) -> None:
    assert published(app, 1) == 1
    broker.kill()
    broker.start()
    assert published(app, 2) == 1
    assert waiting(app, "bulk") == 1


def test_a_broker_that_hangs_is_told_of(
    app: Celery, broker: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "_TIMEOUT", 0.3)
    assert published(app, 1) == 1
    broker.freeze()
    try:
        with pytest.raises(BrokerUnreachableError):
            published(app, 2)
    finally:
        broker.thaw()
    assert published(app, 3) == 1
