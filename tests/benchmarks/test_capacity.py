"""The page on capacity is that of its program, and other pages say the same."""

import re
from importlib.util import find_spec
from pathlib import Path

from benchmarks.capacity import CONSTANTS, MEMORY, PAGE, RESCORING, page

ROOT = Path(__file__).parents[2]


def test_the_page_is_that_of_its_program() -> None:
    assert PAGE.read_text() == page(), "python -m benchmarks.capacity writes it"


def test_each_constant_names_a_command_that_there_is() -> None:
    modules = {m for c in CONSTANTS for m in re.findall(r"python -m (benchmarks\.\w+)", c.by)}
    assert len(modules) > 3
    assert all(find_spec(module) for module in modules)


def test_the_readme_quotes_the_same_constants() -> None:
    readme = re.sub(r"<!--.*?-->", "", (ROOT / "README.md").read_text())
    for constant, row in (
        (RESCORING, "a million uploads rescored"),
        (MEMORY, "worker in memory"),
    ):
        assert re.search(rf"^\| {row}.*\| {re.escape(constant.shown)} \|$", readme, re.MULTILINE)
