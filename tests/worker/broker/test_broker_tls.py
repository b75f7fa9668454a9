"""A broker behind TLS: the wheel's Valkey speaks none, so a real TLS server stands before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis

from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import (
    BrokerUnreachableError,
    check_broker,
    publish_chunks,
    waiting,
)
from nophoto.worker.settings import Settings
from tests.worker.tls import tls_before


@pytest.fixture
def port(valkey_server: str) -> Iterator[int]:
    with tls_before(valkey_server.removeprefix("redis+socket://")) as port:
        yield port


def settings(url: str) -> Settings:
    return Settings(_env_file=None, broker_url=SecretStr(url))


def test_a_broker_behind_tls_is_rung_by_settings_alone(
    port: int, authority: Path, broker_url: str
) -> None:
    url = f"rediss://localhost:{port}/0?ssl_cert_reqs=required&ssl_ca_certs={authority}"
    app = create_app(settings(url))
    check_broker(app)
    assert publish_chunks(app, [1, 2, 3], lane="bulk", chunk_size=2) == 2
    assert waiting(app, "bulk") == 2
    plain = Redis.from_url(broker_url.replace("redis+socket", "unix"))
    assert plain.llen("bulk") == 2


@pytest.mark.parametrize(
    "url",
    [
        "rediss://localhost:{port}/0?ssl_cert_reqs=required",  # an authority that nobody knows
        "rediss://127.0.0.1:{port}/0?ssl_cert_reqs=required&ssl_ca_certs={authority}",
        "redis://localhost:{port}/0",
    ],
)
def test_what_cannot_be_trusted_is_not_spoken_to(
    url: str, port: int, authority: Path, broker_url: str
) -> None:
    app = create_app(settings(url.format(port=port, authority=authority)))
    with pytest.raises(BrokerUnreachableError):
        check_broker(app)
