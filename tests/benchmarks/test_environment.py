"""A process that is started with settings reads the very same ones."""

import pytest

from benchmarks.environment import environment_of
from nophoto.worker.settings import Settings


def test_settings_are_read_again_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(_env_file=None, roots=("/a", "/b"), kinds={"brand": "off"})
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == settings
