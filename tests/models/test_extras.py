"""Every line that says how to install something works as it stands."""

import re
import shlex
import subprocess
from importlib.metadata import metadata
from pathlib import Path

from nophoto.models.extras import CONSTRAINTS, install_command
from nophoto.worker.uris import OBJECT_SCHEMES

ROOT = Path(__file__).parents[2]
EXTRAS = set(metadata("nophoto").get_all("Provides-Extra") or ())
SOURCES = [
    file
    for folder in ("models", "worker", "jobs", "console")
    for file in (ROOT / folder).rglob("*.py")
]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").rglob("*.md"),
]


def test_every_extra_that_a_message_names_can_be_installed_as_it_says():
    named = {
        extra
        for file in SOURCES
        for extra in re.findall(r"install_command\('(\w+)'", file.read_text())
    }
    named |= {*OBJECT_SCHEMES, "https"}
    assert {"console", "train", "demo", "parquet", "telemetry", "s3"} <= named <= EXTRAS
    # Without an index: nophoto is taken from this installation, and its extras are here already.
    command = [*shlex.split(install_command(*sorted(named))), "--no-index", "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


def test_the_constraints_are_those_of_the_checkout():
    assert CONSTRAINTS.read_text() == (ROOT / "constraints.txt").read_text()


def test_no_text_has_an_index_asked_for_nophoto():
    asks = re.compile(r"pip install [^`\n]*nophoto(?:\[| |`|$)")
    files = [file for file in [*SOURCES, *DOCUMENTS] if file.name != "CHANGELOG.md"]
    assert len(files) > 400
    assert [str(file) for file in files if asks.search(file.read_text())] == []


def test_documents_install_the_checkout_with_its_constraints():
    lines = [
        line
        for file in DOCUMENTS
        for line in re.findall(
            r"pip install ([^`\n]*(?:'\.\[[\w,]+\]'| \.))\s*(?:`|$|\n)", file.read_text()
        )
    ]
    assert len(lines) > 5
    for line in lines:
        constraint, file, target = shlex.split(line)
        assert (constraint, file) == ("--constraint", "constraints.txt")
        assert set(re.findall(r"\w+", target)) <= EXTRAS
