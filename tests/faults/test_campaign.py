"""A short campaign; `make faults` runs a long one."""

import pytest

from tests.faults.campaign import run

SHORT = {
    "postgresql": (
        "kill -9 of child before-commit",
        "Valkey refuses",
        "PostgreSQL killed",
        "SIGSTOP longer",
        "model version changed",
        "erased in chunk",
    ),
    "sqlite": (
        "kill -9 of worker after-commit",
        "kill -9 of child before the intake",
        "kill -9 of child in a run's step",
        "disk full",
        "hangs the decoder",
        "replaced in chunk",
        "kill -9 of an erasure",
    ),
}


@pytest.mark.parametrize("database", ["postgresql", pytest.param("sqlite", marks=pytest.mark.slow)])
def test_a_short_campaign_loses_nothing_and_doubles_nothing(database: str) -> None:
    lines = list(run(database, 150, seed=11, lease=3, sweep=1, only=SHORT[database]))
    assert len(lines) == len(SHORT[database])
    for line in lines:
        assert line.is_good, line
