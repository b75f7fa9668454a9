import csv

import pytest

from nophoto.jobs.demo import pictures
from nophoto.models.vision.references import INDEX


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
