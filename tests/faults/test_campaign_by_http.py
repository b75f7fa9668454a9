"""A short campaign in which uploads come by HTTP."""

import pytest

from tests.faults.campaign import run

BY_HTTP = {
    "postgresql": (
        "kill -9 of the API before",
        "kill -9 of the API in",
        "erased in chunk",
        "replaced in chunk",
        "PostgreSQL killed",
    ),
    "sqlite": ("kill -9 of the API after", "kill -9 of worker after-commit"),
}


@pytest.mark.slow
@pytest.mark.parametrize("database", BY_HTTP)
def test_a_short_campaign_by_http_loses_nothing_and_doubles_nothing(database: str) -> None:
    lines = list(run(database, 100, seed=12, lease=3, sweep=1, only=BY_HTTP[database], door="http"))
    assert len(lines) == len(BY_HTTP[database])
    for line in lines:
        assert line.is_good, line
