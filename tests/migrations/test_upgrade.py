import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from nophoto.migrations import check, head, upgrade
from nophoto.migrations.upgrade import config, revisions
from nophoto.models.records.database import (
    Database,
    DatabaseNotMigratedError,
    DatabaseUnreachableError,
)
from nophoto.models.records.tables import Base


def test_alembic_finds_nothing_that_the_migrations_lack(empty_url: str) -> None:
    upgrade(empty_url)
    with Database(empty_url).engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_migrated_tables_equal_those_of_the_models_to_the_last_check(empty_url: str) -> None:
    engine = Database(empty_url).engine
    Base.metadata.create_all(engine)
    of_the_models = _described(engine)
    Base.metadata.drop_all(engine)
    upgrade(empty_url)
    assert _described(engine) == of_the_models


def test_a_second_upgrade_keeps_the_rows(empty_url: str) -> None:
    upgrade(empty_url)
    insert = (
        "INSERT INTO runs (kind, parameters, created_at) VALUES ('rescore', '{}', '2026-01-01')"
    )
    with Database(empty_url).transaction() as session:
        session.execute(text(insert))
    upgrade(empty_url)
    with Database(empty_url).reading() as session:
        assert session.scalar(text("SELECT count(*) FROM runs")) == 1


def test_two_upgrades_at_once_both_succeed(empty_url: str) -> None:
    # Alembic keeps its context in global variables: two at once are always two processes.
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
        for result in [processes.submit(upgrade, empty_url) for _ in range(2)]:
            result.result()
    check(empty_url)


def test_a_downgrade_leaves_no_table(empty_url: str) -> None:
    upgrade(empty_url)
    database = Database(empty_url)
    command.downgrade(config(database), "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]


def test_an_upgrade_creates_the_folder_of_a_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'folder' / 'nophoto.db'}"
    upgrade(url)
    check(url)


def test_an_upgrade_finds_its_files_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    upgrade("sqlite:///relative.db")
    check("sqlite:///relative.db")


def test_a_database_without_tables_is_told_how_to_get_them(empty_url: str) -> None:
    with pytest.raises(DatabaseNotMigratedError, match="nophoto db upgrade"):
        check(empty_url)


def test_checking_a_sqlite_file_that_is_not_there_does_not_create_it(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotMigratedError):
        check(f"sqlite:///{tmp_path / 'absent.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_database_from_a_newer_nophoto_is_not_worked_on(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(DatabaseNotMigratedError, match="newer nophoto"):
        check(database.engine.url.render_as_string(hide_password=False))


def test_the_head_is_what_an_upgrade_leads_to(empty_url: str) -> None:
    upgrade(empty_url)
    with Database(empty_url).reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == head()


def test_the_files_are_named_by_the_revisions_that_alembic_follows(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nophoto.db'}")
    scripts = ScriptDirectory.from_config(config(database))
    followed = [script.revision for script in scripts.walk_revisions()]
    assert revisions() == followed[::-1]
    assert head() == scripts.get_current_head()


def test_checking_the_revision_does_without_alembic() -> None:
    code = "import sys, nophoto.migrations; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code]).returncode == 0


def test_an_unreachable_database_is_named_without_its_password() -> None:
    for act in (check, upgrade):
        with pytest.raises(DatabaseUnreachableError) as raised:
            act("postgresql://user:s3cret@127.0.0.1:1/nophoto")
        assert "127.0.0.1:1/nophoto" in str(raised.value)
        assert "s3cret" not in str(raised.value)


def _described(engine: Engine) -> dict[str, list[str]]:
    """Every column, check, key and index, as text, by table."""
    inspector = inspect(engine)
    return {
        table: sorted(
            str(_plain(part))
            for parts in (
                inspector.get_columns(table),
                inspector.get_check_constraints(table),
                inspector.get_unique_constraints(table),
                inspector.get_foreign_keys(table),
                inspector.get_indexes(table),
                [inspector.get_pk_constraint(table)],
            )
            for part in parts
        )
        for table in Base.metadata.tables
    }


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return str(value)
