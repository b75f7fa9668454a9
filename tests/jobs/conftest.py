import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from nophoto.jobs.cli import app
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.settings import Settings, settings
from nophoto.worker.versions.shipped import install_shipped
from tests.conftest import postgres_copy

Cli = Callable[..., Result]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, an empty current folder, and no setting from outside."""
    for variable in [name for name in os.environ if name.startswith("NOPHOTO_")]:
        monkeypatch.delenv(variable)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NOPHOTO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def cli() -> Cli:
    """Runs `nophoto` with the given arguments; a defect's exception is raised here."""

    def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
        settings.cache_clear()
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    yield run
    settings.cache_clear()


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the shipped model version and references, to copy."""
    home = tmp_path_factory.mktemp("upgraded")
    upgrade_database(Settings(_env_file=None, home=home))
    return home / "nophoto.db"


@pytest.fixture
def upgraded(home: Path, upgraded_sqlite: Path) -> Iterator[Database]:
    """The embedded database as `nophoto db upgrade` leaves it."""
    home.mkdir()
    shutil.copyfile(upgraded_sqlite, home / "nophoto.db")
    database = Database(f"sqlite:///{home / 'nophoto.db'}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def installed_postgres(postgres_url: str, migrated_postgres: str) -> Iterator[str]:
    """The name of such a database of PostgreSQL, to copy."""
    with postgres_copy(postgres_url, migrated_postgres) as url:
        database = Database(url)
        install_shipped(database)
        database.close()
        yield str(database.engine.url.database)


@pytest.fixture(params=["sqlite", "postgresql"])
def installed(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """PostgreSQL and SQLite in turn, as `nophoto db upgrade` leaves them, and in force."""
    if request.param == "sqlite":
        file = tmp_path / "nophoto.db"
        shutil.copyfile(request.getfixturevalue("upgraded_sqlite"), file)
        given = nullcontext(f"sqlite:///{file}")
    else:
        template = request.getfixturevalue("installed_postgres")
        given = postgres_copy(request.getfixturevalue("postgres_url"), template)
    with given as url:
        monkeypatch.setenv("NOPHOTO_DATABASE_URL", url)
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a small picture of noise under a name and returns its path."""

    def write(name: str) -> Path:
        file = tmp_path / "pictures" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        seed = sum(name.encode())
        pixels = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file, "PNG")
        return file

    return write


@pytest.fixture
def outcomes() -> Callable[..., None]:
    """Enqueues uploads (key, URI, similarity or failure) and records what came of them."""

    def record(database: Database, *uploads: tuple[str, str, float | FailureCode]) -> None:
        items = [NewUpload(key, uri) for key, uri, _ in uploads]
        with database.transaction() as session:
            ids = [add_uploads(session, [item], Lane.BULK).ids[0] for item in items]
            model = model_versions.active(session)
            assert model is not None
            current = references.active(session)
            token = claims.claim(session, ids, 60).token
            judged, failed = [], []
            for upload, (*_, came) in zip(ids, uploads, strict=True):
                if isinstance(came, FailureCode):
                    failed.append(Failed(upload, None, came, "look at the <file>"))
                    continue
                judged.append(
                    Judged(
                        upload,
                        "ab" * 32,
                        Verdict.PLACEHOLDER if came >= model.threshold else Verdict.REAL,
                        needs_review=model.review_low <= came <= model.review_high,
                        similarity=came if current.members else None,
                        nearest_reference_id=current.members[0].id if current.members else None,
                        score=came - model.threshold if current.members else None,
                        kind=current.members[0].kind if current.members else None,
                    )
                )
            record_outcomes(session, token, judged, failed, model.id, current.version)

    return record
