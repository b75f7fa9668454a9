import pytest

from benchmarks.environment import environment_of
from nophoto.worker.settings import Settings


def test_another_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(
        _env_file=None,
        database_url="postgresql://me:secret@host/name",
        roots=("/srv/a", "s3://bucket/b"),
        threads=3,
        picture_timeout=2.5,
        kinds={"brand": "off"},
    )
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == settings


def test_the_default_settings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(_env_file=None)
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == settings
