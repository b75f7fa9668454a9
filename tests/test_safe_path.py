"""No program of ours runs Python files that lie in the folder in which it is started.

That folder is planted here with a file for each module of the standard library and for each package
that is installed; each writes its name down when it is imported.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.training.main import COMMAND
from nophoto.jobs.versions.promotion_process import PromotionRequest, promote_in_subprocess
from nophoto.models.errors import NophotoError
from nophoto.models.records import scheduled_runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.outcomes.results import counts
from nophoto.models.records.tables import Job, Lane, UploadState
from nophoto.models.subprocesses import python_module
from nophoto.models.vision.references import shipped_references
from nophoto.worker.settings import Settings

TIMEOUT = 90

OURS = {"api", "console", "jobs", "migrations", "models", "nophoto", "worker"}
"""Names that a folder of uploads may well have, and other distributions too."""


@cache
def names_of_modules() -> set[str]:
    """Of the standard library, of what is installed, and ours."""
    return {*sys.stdlib_module_names, *packages_distributions(), *OURS} - {"sitecustomize"}


@pytest.fixture
def imported(tmp_path: Path, monkeypatch) -> Iterator[Callable[[], set[str]]]:
    """Goes into a planted folder; tells which of its files were imported so far."""
    # The path of a Unix socket may have a hundred characters, and pytest's folders have more.
    with tempfile.TemporaryDirectory(prefix="nophoto-") as home:
        for variable in [name for name in os.environ if name.startswith("NOPHOTO_")]:
            monkeypatch.delenv(variable)
        monkeypatch.setenv("NOPHOTO_HOME", home)
        marks, folder = tmp_path / "marks", tmp_path / "uploads"
        folder.mkdir()
        for name in names_of_modules():
            if name.isidentifier():
                mark = f"with open({str(marks)!r}, 'a') as marks: marks.write({name!r} + '\\n')\n"
                (folder / f"{name}.py").write_text(mark)
        monkeypatch.chdir(folder)
        yield lambda: set(marks.read_text().split()) if marks.exists() else set()


def as_installed(folder: Path) -> list[str]:
    """The command `nophoto` as pip writes it."""
    script = folder / "nophoto"
    script.write_text("import sys\nfrom nophoto.jobs.cli import main\nsys.exit(main())\n")
    return [sys.executable, str(script)]


def test_the_planted_files_are_imported_where_a_path_is_not_safe(imported):
    command = [sys.executable, "-m", "nophoto.jobs.cli", "--help"]
    subprocess.run(command, check=False, capture_output=True)
    assert imported()


def test_up_with_all_that_stands_beside_it_and_decodes(imported, tmp_path, monkeypatch):
    picture = tmp_path / "tile.webp"
    picture.write_bytes(shipped_references()[0].data)
    monkeypatch.setenv("NOPHOTO_ROOTS", str(tmp_path))
    monkeypatch.setenv("NOPHOTO_SWEEP_SECONDS", "2")
    settings = Settings(_env_file=None)
    upgrade_database(settings)
    database = Database(settings.effective_database_url)
    with database.transaction() as session:
        add_uploads(session, [NewUpload("key", str(picture))], Lane.INTERACTIVE)
    with subprocess.Popen(
        [*as_installed(tmp_path), "up", "--console"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            deadline = time.monotonic() + TIMEOUT
            while time.monotonic() < deadline:
                with database.reading() as session:
                    is_judged = counts(session).states.get(UploadState.JUDGED, 0) == 1
                    is_beating = scheduled_runs.latest(session, Job.RESCORE) is not None
                if (is_judged and is_beating) or imported() or process.poll() is not None:
                    break
                time.sleep(0.2)
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=TIMEOUT)
    database.close()
    assert not imported()
    assert is_judged, output.decode()
    assert is_beating, output.decode()


def test_a_promotion_a_training_and_pip(imported):
    upgrade_database(Settings(_env_file=None))
    with pytest.raises(NophotoError, match="no-such-version"):
        promote_in_subprocess(PromotionRequest("no-such-version", "ann", ""))
    subprocess.run([*COMMAND, "1"], check=True)
    subprocess.run(python_module("pip", "--version"), check=True, capture_output=True)
    assert not imported()


@pytest.mark.slow
def test_a_demo(imported, tmp_path):
    done = subprocess.run([*as_installed(tmp_path), "demo"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert not imported()


def test_processes_that_draw_pictures_for_a_training(imported, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from nophoto.models.subprocesses import spawned_processes\n"
        "if __name__ == '__main__':\n"
        "    with spawned_processes(2) as pool:\n"
        "        assert list(pool.map(len, ['a', 'bc'])) == [1, 2]\n"
    )
    subprocess.run([sys.executable, str(program)], check=True)
    assert not imported()
