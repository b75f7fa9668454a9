"""The site builds without a warning, and its pages and the README say only what is there."""

import os
import re
import shlex
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from nophoto.models.vocabulary import FailureCode
from nophoto.worker.settings import Settings
from tests.pages import blocks

ROOT = Path(__file__).parents[1]
PAGES = {file.name: file.read_text() for file in sorted((ROOT / "docs").glob("*.md"))}
PAGES |= {name: (ROOT / name).read_text() for name in ("CONTRIBUTING.md", "README.md")}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands(text: str) -> list[list[str]]:
    """Every command line of a page, in blocks and in running text, without comments."""
    lines = [
        line for block in blocks(text, "sh") for line in block.replace("\\\n", " ").splitlines()
    ]
    prose = re.sub(r"(?s)```.*?```", "", text)
    lines += [" ".join(line.split()) for line in re.findall(r"`((?:nophoto|make) [^`]+)`", prose)]
    parts = (part for line in lines for part in re.split(r" && | \| ", line))
    return [words for part in parts if (words := shlex.split(part, comments=True))]


COMMANDS = [(name, words) for name, text in PAGES.items() for words in commands(text)]


@pytest.mark.parametrize(
    ("name", "words"),
    [(name, words) for name, words in COMMANDS if words[0] == "nophoto"],
    ids=lambda value: shlex.join(value) if isinstance(value, list) else value,
)
def test_each_command_of_nophoto_is_understood(
    name: str,
    words: list[str],
    parse: Callable[[list[str]], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not words[1:] or words[-1] in ("--help", "--help-recipe"):  # which end the command
        return
    (tmp_path / "DIR").mkdir()
    monkeypatch.chdir(tmp_path)
    try:
        parse(words[1:])
    except Exception as error:
        # Running text may name a command without its arguments.
        if type(error).__name__ != "MissingParameter":
            raise


def test_each_target_of_make_is_there() -> None:
    asked = {(name, words[1]) for name, words in COMMANDS if words[0] == "make" and words[1:]}
    assert asked
    assert {target for _, target in asked} <= TARGETS


def test_each_variable_is_a_setting() -> None:
    variables = {f"NOPHOTO_{field.upper()}" for field in Settings.model_fields}
    variables.add("NOPHOTO_SECRETS")
    for name, text in PAGES.items():
        assert set(re.findall(r"NOPHOTO_[A-Z_]+[A-Z]", text)) <= variables, name


def test_every_failure_code_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z-]+)` \|", PAGES["troubleshooting.md"], re.MULTILINE)
    assert sorted(explained) == sorted(FailureCode)


def test_the_limits_are_the_defaults() -> None:
    settings = Settings(_env_file=None)
    page = PAGES["troubleshooting.md"]
    assert f"`NOPHOTO_MAX_BYTES` ({settings.max_bytes // 2**20} MiB)" in page
    assert f"`NOPHOTO_MAX_PIXELS` ({settings.max_pixels // 10**6} million)" in page
    assert f"`NOPHOTO_PICTURE_TIMEOUT` ({settings.picture_timeout:g} s)" in page
    assert f"`NOPHOTO_MAX_ATTEMPTS` ({settings.max_attempts})" in page


def test_each_module_that_is_to_be_run_is_there() -> None:
    asked = {
        name
        for text in PAGES.values()
        for name in re.findall(r"python -m ((?:benchmarks|worker|tests)[\w.]*)", text)
    }
    assert "benchmarks.end_to_end" in asked
    for name in asked:
        assert find_spec(name), name


def test_each_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", PAGES["README.md"])
    assert links
    for name in links:
        assert (ROOT / name).exists(), name


def test_the_architecture_names_every_folder() -> None:
    with_code = {
        folder.name
        for folder in ROOT.iterdir()
        if folder.is_dir() and not folder.name.startswith(".") and any(folder.rglob("*.py"))
    }
    named = re.findall(r"^\| `([\w/]+)` \|", PAGES["architecture.md"], re.MULTILINE)
    assert {folder.split("/")[0] for folder in named} == with_code - {"docs", "build"}


def test_the_architecture_names_files_that_there_are_each_once() -> None:
    named = re.findall(r"`([\w/]+\.(?:py|toml))`", PAGES["architecture.md"])
    assert len(named) > 50
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert [name for name, times in Counter(named).items() if times > 1] == []


def test_the_guarantees_name_tests_that_there_are() -> None:
    code = defaultdict[str, str](str)
    for test in (ROOT / "tests").rglob("test_*.py"):
        code[test.name] += test.read_text()
    named = re.findall(r"`(?:[\w/]+/)?(test_\w+\.py)(?:::(\w+))?", PAGES["guarantees.md"])
    assert len(named) > 50
    missing = [
        f"{file}::{test}" for file, test in named if not code[file] or test not in code[file]
    ]
    assert missing == []


def test_messages_that_troubleshooting_quotes_are_ours() -> None:
    code = "".join(
        re.sub(r'"\s*\n?\s*f?"', "", file.read_text())
        for folder in ("models", "worker", "jobs", "migrations", "console", "api")
        for file in sorted((ROOT / folder).rglob("*.py"))
    )
    code += (ROOT / "console/i18n/catalogues/en.json").read_text()
    quoted = re.findall(r"\*\*`([^`]+)`", PAGES["troubleshooting.md"])
    assert len(quoted) > 8
    for message in quoted:
        for part in filter(None, (part.strip() for part in message.split("…"))):
            assert part.rstrip(",.") in code, part


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        env=os.environ | {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    settings = (tmp_path / "site/settings/index.html").read_text()
    for field in Settings.model_fields:
        assert f"NOPHOTO_{field.upper()}" in settings
    reference = (tmp_path / "site/commands/index.html").read_text()
    for command in ("nophoto up", "nophoto health live", "nophoto references add"):
        assert f"<code>{command}</code>" in reference
    layers = (tmp_path / "site/images/layers.svg").read_text()
    for package in ("models.records", "models.vision", "worker", "jobs"):
        assert f">{package}</text>" in layers
    for name in ("flow", "layers"):
        # GitHub shows the file of the repository: `python docs/made/drawings.py` writes it.
        kept = (ROOT / f"docs/images/{name}.svg").read_text()
        assert kept == (tmp_path / f"site/images/{name}.svg").read_text()
