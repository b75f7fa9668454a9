"""The README says only what is there: commands, options, settings, codes, folders, links."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from models.vocabulary import FailureCode
from worker.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands() -> list[list[str]]:
    """Every command line of the README, in blocks and in running text, without comments."""
    lines = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
    lines += re.findall(r"`((?:nophoto|make) [^`]+)`", re.sub(r"(?s)```.*?```", "", README))
    parts = (part for line in lines for part in line.split(" && "))
    return [words for part in parts if (words := shlex.split(part, comments=True))]


COMMANDS = commands()


def test_all_commands_are_found() -> None:
    assert {words[0] for words in COMMANDS} == {"make", "nophoto", "python3", "pip", ".", "export"}
    assert ["make", "test"] in COMMANDS
    assert ["nophoto", "evaluate", "DIR"] in COMMANDS


@pytest.mark.parametrize(
    "words", [words for words in COMMANDS if words[0] == "nophoto"], ids=shlex.join
)
def test_each_command_of_nophoto_is_understood(
    words: list[str], parse: Callable[[list[str]], None]
) -> None:
    parse(words[1:])


def test_each_target_of_make_is_there() -> None:
    assert {words[1] for words in COMMANDS if words[0] == "make" and words[1:]} <= TARGETS


def test_each_variable_is_a_setting() -> None:
    variables = {f"NOPHOTO_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"NOPHOTO_[A-Z_]+", README)) <= variables


def test_the_limits_are_the_defaults() -> None:
    settings = Settings(_env_file=None)
    assert f"`NOPHOTO_MAX_BYTES` ({settings.max_bytes // 2**20} MiB)" in README
    assert f"`NOPHOTO_MAX_PIXELS` ({settings.max_pixels // 10**6} million)" in README
    assert f"`NOPHOTO_PICTURE_TIMEOUT` ({settings.picture_timeout:g} s)" in README
    assert f"`NOPHOTO_MAX_ATTEMPTS` ({settings.max_attempts})" in README


def test_every_failure_code_is_explained() -> None:
    _, table = README.split("| `failure` |")
    codes = re.findall(r"^\| `([a-z-]+)` \|", table.split("\n\n")[0], re.MULTILINE)
    assert sorted(codes) == sorted(FailureCode)


def test_each_link_and_folder_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    folders = re.findall(r"^\| `([\w/]+/)` \|", README, re.MULTILINE)
    assert links
    assert folders
    for name in [*links, *folders]:
        assert (ROOT / name).exists(), name
