import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from nophoto.models.records.database import Database
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.api.serving import Served, serving

Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting from outside."""
    for variable in [name for name in os.environ if name.startswith("NOPHOTO_")]:
        monkeypatch.delenv(variable)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder from which uploads may be read."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def made_settings(
    database: Database, broker_url: str, tmp_path: Path, pictures: Path
) -> Callable[..., Settings]:
    """Makes settings for the database and the broker of the test."""
    return partial(
        Settings,
        _env_file=None,
        home=tmp_path / "home",
        database_url=database.engine.url.render_as_string(hide_password=False),
        broker_url=broker_url,
        roots=(str(pictures),),
        threads=2,
    )


@pytest.fixture(scope="module")
def site(
    postgres_url: str,
    migrated_postgres: str,
    valkey_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """An API over PostgreSQL with the shipped model version and references, for a whole module."""
    name = f"api_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_postgres}")
    folder = tmp_path_factory.mktemp("site")
    (folder / "pictures").mkdir()
    settings = Settings(
        _env_file=None,
        home=folder / "home",
        database_url=postgres_url.replace("/postgres?", f"/{name}?"),
        broker_url=valkey_server,
        roots=(str(folder / "pictures"),),
        threads=2,
        api_rate="",
    )
    install_shipped(Database(settings.effective_database_url))
    with serving(settings) as served:
        yield served


@pytest.fixture
def served(made_settings: Callable[..., Settings]) -> Iterator[Served]:
    """An API on the loopback, over each kind of database."""
    with serving(made_settings()) as served:
        yield served
