"""Limits of keys: counted together where there is a broker, and without it all the same."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from time import monotonic
from urllib.parse import urlsplit

import httpx
import pytest
from limits import parse

from nophoto.api import rates
from nophoto.api.rates import Rates, storage_url
from nophoto.worker.settings import Settings
from tests.api.serving import Served, serving

PROBLEM = "application/problem+json"

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def long_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a broker that is there answers later than it may, and is no less there."""
    monkeypatch.setattr(rates, "_TIMEOUT", 30.0)


def answered(served: Served) -> float:
    """How many requests a server has answered."""
    metric = served.context.metrics.requests
    (family,) = metric.collect()
    return sum(each.value for each in family.samples if each.name.endswith("_total"))


@pytest.mark.usefixtures("long_timeout")
def test_two_servers_behind_one_address_count_together(
    made_settings: Callable[..., Settings],
) -> None:
    settings = made_settings(api_rate="20/hour")
    with serving(settings) as first:
        port = urlsplit(first.url).port
        assert port
        with serving(settings, port=port) as second:
            with first.client() as keyed:
                headers = dict(keyed.headers)
            statuses: Counter[int] = Counter()
            for _ in range(60):  # each by a connection of its own, which either may get
                answer = httpx.get(f"{first.url}/v1/uploads", headers=headers, timeout=60)
                statuses[answer.status_code] += 1
                if answer.status_code == 429:
                    assert answer.headers["content-type"] == PROBLEM
                    assert 0 < int(answer.headers["retry-after"]) <= 3_600
            assert statuses == {200: 20, 429: 40}
            assert min(answered(first), answered(second)) > 5
            # Another key is not delayed.
            with first.client() as other:
                assert other.get("/v1/uploads").status_code == 200


@pytest.mark.usefixtures("long_timeout")
def test_servers_take_parts_of_a_large_limit_and_let_no_more_through(
    database: object, broker_url: str
) -> None:
    hundred = parse("100/hour")

    async def count(every: int, name: str) -> list[bool]:
        first, second = Rates(broker_url), Rates(broker_url)
        await first.hit(hundred, "opens the connections")
        await second.hit(hundred, "opens the connections")
        return [await (second if n % every else first).hit(hundred, name) for n in range(1, 131)]

    one = asyncio.run(count(200, "one"))
    assert one == [True] * 100 + [False] * 30
    # What one has taken and not used is lost to the other: a twentieth at most.
    both = asyncio.run(count(7, "both"))
    assert 95 <= sum(both) <= 100


@pytest.mark.usefixtures("long_timeout")
def test_an_address_tries_secrets_at_both_servers_together(
    made_settings: Callable[..., Settings],
) -> None:
    settings = made_settings()
    with serving(settings) as first, serving(settings) as second:
        statuses = Counter(
            httpx.get(
                f"{(first, second)[n % 2].url}/v1/uploads",
                headers={"Authorization": f"Bearer nophoto_{n}"},
                timeout=60,
            ).status_code
            for n in range(40)
        )
    assert statuses == {401: 30, 429: 10}


@pytest.mark.parametrize("broker", ["away", "silent"])
def test_without_a_broker_each_server_counts_alone(
    made_settings: Callable[..., Settings], broker: str
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if broker == "silent":
            listening.listen()
        url = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        with serving(made_settings(broker_url=url, api_rate="3/hour")) as served:
            with served.client() as client:
                began = monotonic()
                statuses = [client.get("/v1/uploads").status_code for _ in range(6)]
            assert statuses == [200, 200, 200, 429, 429, 429]
            assert monotonic() - began < 3  # one request has waited, and no other


@pytest.mark.parametrize(
    ("broker", "storage"),
    [
        ("redis://host:6380/2", "async+redis://host:6380/2"),
        ("redis://:secret@host/0", "async+redis://:secret@host/0"),
        ("rediss://host/0?ssl_cert_reqs=CERT_NONE", "async+rediss://host/0?ssl_cert_reqs=none"),
        ("redis+socket:///run/valkey.sock", "async+redis+unix:///run/valkey.sock?"),
        (
            "redis+socket:///run/valkey.sock?virtual_host=3",
            "async+redis+unix:///run/valkey.sock?db=3",
        ),
        ("amqp://host//", ""),
        ("sentinel://host:26379", ""),
        ("", ""),
    ],
)
def test_brokers_are_found_by_their_urls(database: object, broker: str, storage: str) -> None:
    assert storage_url(broker) == storage
