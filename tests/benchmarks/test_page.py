"""What `make bench` writes, from a real benchmark in small."""

from pathlib import Path

from benchmarks import page
from benchmarks.__main__ import Benchmark, run
from benchmarks.table import Table


def test_a_table_is_markdown_with_its_notes_below() -> None:
    table = Table("Rates", ("What", "1/s"), [("one", "2.0"), ("two", "4.0")], ("In one run.",))
    assert table.markdown() == (
        "### Rates\n\n| What | 1/s |\n|---|---:|\n| one | 2.0 |\n| two | 4.0 |\n\nIn one run.\n"
    )


def test_a_benchmark_comes_to_its_tables_and_what_it_was_measured_with(tmp_path: Path) -> None:
    small = Benchmark("Enqueueing", ("benchmarks.enqueue", "--uploads", "300", "--rounds", "1"))
    outcome = run(small, tmp_path)
    assert outcome.error == ""
    assert "| PostgreSQL |" in outcome.markdown
    assert "| SQLite |" in outcome.markdown
    assert "openvino " in outcome.markdown


def test_one_that_fails_says_why(tmp_path: Path) -> None:
    outcome = run(Benchmark("None", ("benchmarks.enqueue", "--uploads", "0")), tmp_path)
    assert outcome.markdown == ""
    assert "--uploads" in outcome.error


def test_a_section_that_is_measured_again_takes_the_place_of_the_one_before() -> None:
    kept = page.sections(page.HEAD + "## One\n\nold\n\n### Table\n\n1\n\n## Two\n\nstays\n")
    assert kept["One"] == "## One\n\nold\n\n### Table\n\n1\n"
    again = page.write(kept | {"One": "## One\n\nnew\n"}, ["One", "None", "Two"])
    assert again == page.HEAD + "## One\n\nnew\n\n## Two\n\nstays\n"
    assert page.sections(again)["Two"] == kept["Two"]
