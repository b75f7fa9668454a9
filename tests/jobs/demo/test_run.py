import csv
from types import SimpleNamespace

import pytest

from nophoto.jobs.demo import pictures
from nophoto.jobs.demo.run import MISSED_AT_MOST, PLACEHOLDERS, Demo, run_demo
from nophoto.models.records.tables import UploadState
from nophoto.models.vision.references import INDEX
from nophoto.models.vision.versions import read_cohort, shipped_version
from nophoto.models.vocabulary import Verdict


def test_demo_end_to_end():
    seen = []
    found = run_demo(lambda done, total: seen.append((done, total)))
    photographs = list(pictures.photographs())
    assert len(found.rows) == len(photographs) + PLACEHOLDERS
    assert {row.state for row in found.rows} == {UploadState.JUDGED}
    assert found.flagged == []
    assert found.is_good
    assert seen[-1] == (len(found.rows), len(found.rows))
    assert found.page.count("<article") == len(found.rows)
    assert "cannot be shown" not in found.page
    assert all(row.kind for row in found.rows if row.verdict == Verdict.PLACEHOLDER)
    assert found.only_copies_turned
    assert {row.collection: row.verdict for row in found.apart} == {
        "default": Verdict.PLACEHOLDER,
        "kind-off": Verdict.REAL,
    }
    assert (found.turned is None) == (not len(read_cohort(shipped_version())))


def test_what_the_demo_takes_for_good(cli):
    rows = [None] * 100
    missed = int(MISSED_AT_MOST * PLACEHOLDERS)
    assert Demo(rows, [], rows[:missed], 1.0, "").is_good
    assert not Demo(rows, [], rows[: missed + 1], 1.0, "").is_good
    assert not Demo(rows, rows[:1], [], 1.0, "").is_good


def test_only_the_copies_of_the_photograph_may_turn():
    def demo(*keys):
        return Demo([], [], [], 1.0, "", [SimpleNamespace(key=f"again/{key}") for key in keys])

    copies = "coffee.png", "coffee-as-jpeg.jpg", "coffee-half-size.jpg"
    assert demo(*copies).is_good
    assert not demo(*copies[:2]).is_good
    assert not demo(*copies, "moon.png").is_good
    assert not demo(*copies[:2], "moon.png").is_good


def test_each_collection_has_to_give_its_own_verdict():
    def demo(**verdicts):
        rows = [SimpleNamespace(collection=name, verdict=word) for name, word in verdicts.items()]
        return Demo([], [], [], 1.0, "", apart=rows)

    apart = {"default": Verdict.PLACEHOLDER, "kind-off": Verdict.REAL}
    assert demo(**apart).is_good
    assert not demo(**apart | {"kind-off": Verdict.PLACEHOLDER}).is_good
    assert not demo(**apart | {"default": Verdict.REAL}).is_good


def test_its_placeholders_are_not_in_the_reference_set():
    with INDEX.open(newline="") as index:
        assert max(int(row["seed"]) for row in csv.DictReader(index)) < pictures.FIRST_SEED


def test_packages_that_are_not_installed(cli, monkeypatch):
    monkeypatch.setattr(pictures, "PHOTOGRAPHS", {"no_such_package": ("", ())})
    result = cli("demo")
    assert result.exit_code == 1
    assert "nophoto[demo]" in result.stderr


@pytest.mark.parametrize("package", pictures.PHOTOGRAPHS)
def test_every_package_carries_its_photographs(package):
    _, names = pictures.PHOTOGRAPHS[package]
    found = {file.name for file in pictures.photographs()}
    assert set(names) <= found
