"""No cell of a CSV is a formula, unless a program asks for the text as it is."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nophoto.jobs.csv_output import write_csv

FORMULA = '=cmd|" /C calc"!A1'
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")

texts = st.text(st.characters(exclude_categories=["Cs"]))
some_texts = st.one_of(texts, st.builds("".join, st.tuples(st.sampled_from(DANGEROUS), texts)))
numbers = st.one_of(st.integers(), st.floats(allow_nan=False))


def written(row: dict[str, object], *, raw: bool = False) -> list[str]:
    file = io.StringIO(newline="")
    assert write_csv([row], list(row), file, raw=raw) == 1
    header, cells = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert header == list(row)
    return cells


@given(st.lists(some_texts, min_size=2))
@example([FORMULA, "-1", "+1", "@SUM(1)", "\t=1", "\r=1", "x=1", "", "'=1"])
def test_no_text_is_a_formula_and_none_is_lost(values: list[str]) -> None:
    row = {f"c{number}": value for number, value in enumerate(values)}
    cells = written(row)
    assert not any(cell.startswith(DANGEROUS) for cell in cells)
    assert [cell.removeprefix("'") for cell in cells] == [
        value.removeprefix("'") for value in values
    ]
    harmless = [(value, cell) for value, cell in zip(values, cells, strict=True)]
    assert all(value == cell for value, cell in harmless if not value.startswith(DANGEROUS))
    assert written(row, raw=True) == values


@given(numbers, st.booleans())
@example(-0.25, True)
@example(-7, False)
def test_a_number_stays_a_number(number: float, truth: bool) -> None:
    for raw in (False, True):
        row = {"a": number, "b": None, "c": truth}
        assert written(row, raw=raw) == [str(number), "", str(truth)]


@pytest.fixture
def named_badly(installed, outcomes):
    outcomes(installed, (FORMULA, "/=1.jpg", 0.99), ("-2+3", "@x.jpg", -0.9))


def test_results_are_safe_unless_raw(cli, named_badly, tmp_path: Path):
    def keys(*arguments: str) -> list[str]:
        lines = cli("results", "--format", "csv", *arguments).stdout
        rows = list(csv.DictReader(io.StringIO(lines)))
        assert float(rows[0]["similarity"]) < 0  # a number, as it is
        return [row["key"] for row in rows]

    assert keys() == ["'-2+3", f"'{FORMULA}"]
    assert keys("--raw") == ["-2+3", FORMULA]
    lines = cli("results", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["-2+3", FORMULA]
    cli("results", "--format", "parquet", "--out", str(tmp_path / "all.parquet"))
    table = pyarrow.parquet.read_table(tmp_path / "all.parquet")
    assert table.column("key").to_pylist() == ["-2+3", FORMULA]


def test_it_is_the_only_module_that_writes_csv():
    root = Path(__file__).parents[2]
    writers = {
        str(file.relative_to(root))
        for folder in ("models", "worker", "jobs", "console")
        for file in (root / folder).rglob("*.py")
        if "csv.writer(" in file.read_text() or "csv.DictWriter(" in file.read_text()
    }
    # The other one writes the index of the package's own references, for itself.
    assert writers == {"jobs/csv_output.py", "models/vision/references/__main__.py"}
