import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.embedded import EmbeddedBrokerError, embedded_valkey
from nophoto.worker.broker.publisher import check_broker, publish_chunks, waiting
from nophoto.worker.settings import Settings


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nophoto-") as folder:
        yield Path(folder) / "home"


def answers(settings: Settings) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(settings.valkey_socket)) == 0


def test_runs_while_it_is_needed_and_for_its_owner_alone(home: Path) -> None:
    settings = Settings(_env_file=None, home=home)
    with embedded_valkey(settings):
        app = create_app(settings)
        check_broker(app)
        assert publish_chunks(app, [1, 2, 3], lane="bulk", chunk_size=2) == 2
        assert waiting(app, "bulk") == 2
        assert stat.S_IMODE(settings.valkey_socket.stat().st_mode) == 0o700
    assert not answers(settings)


def test_uses_one_that_runs_and_leaves_it_to_its_owner(home: Path) -> None:
    settings = Settings(_env_file=None, home=home)
    with embedded_valkey(settings):
        with embedded_valkey(settings):
            assert answers(settings)
        assert answers(settings)


def test_starts_over_a_socket_that_a_killed_one_left(home: Path) -> None:
    settings = Settings(_env_file=None, home=home)
    with embedded_valkey(settings):
        client = Redis(unix_socket_path=str(settings.valkey_socket))
        os.kill(client.info()["process_id"], 9)  # type: ignore[index]
        while answers(settings):
            pass
        assert settings.valkey_socket.exists()
        with embedded_valkey(settings):
            assert answers(settings)


def test_a_long_home_has_its_socket_elsewhere_and_one_each(home: Path) -> None:
    first, second = (
        Settings(_env_file=None, home=home / ("long" * 30) / name) for name in ("a", "b")
    )
    assert first.valkey_socket != second.valkey_socket
    assert len(os.fsencode(first.valkey_socket)) <= 100
    with embedded_valkey(first):
        check_broker(create_app(first))
        assert not answers(second)


def test_says_where_to_look_when_it_does_not_start(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    with (
        pytest.raises(EmbeddedBrokerError, match="NOPHOTO_BROKER_URL"),
        embedded_valkey(Settings(_env_file=None, home=home)),
    ):
        pass
