from collections.abc import Iterator

import pytest

from benchmarks.hosts.network import Host, NoNamespacesError, hosts
from benchmarks.hosts.site import Site, open_site

NAMES = ("database", "broker", "worker-1", "worker-2", "backend", "admin")
SETTINGS = {
    "NOPHOTO_LEASE_SECONDS": "5",
    "NOPHOTO_SWEEP_SECONDS": "2",
    "NOPHOTO_CHUNK_SIZE": "8",
    "NOPHOTO_THREADS": "1",
}


@pytest.fixture
def network() -> Iterator[dict[str, Host]]:
    try:
        with hosts(*NAMES) as found:
            yield found
    except NoNamespacesError as error:
        pytest.skip(f"NO SEVERAL HOSTS HERE, nothing of them is tried: {error}")


@pytest.fixture
def site(network: dict[str, Host]) -> Iterator[Site]:
    """PostgreSQL and Valkey on hosts of their own; nothing is migrated yet."""
    with open_site(network, SETTINGS) as site:
        yield site
