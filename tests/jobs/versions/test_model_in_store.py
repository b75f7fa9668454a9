"""`nophoto model` on two hosts that share a database and a bucket, and no folder."""

import json
import shutil

import pytest

from nophoto.models.vision.versions import (
    COHORT,
    MANIFEST,
    shipped_version,
    write_held_out,
    write_manifest,
)
from nophoto.models.vocabulary import Verdict


@pytest.fixture
def at(cli, upgraded, bucket, tmp_path, monkeypatch):
    """Runs `nophoto` on a host of this name."""
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", upgraded.engine.url.render_as_string())
    monkeypatch.setenv("NOPHOTO_VERSIONS", bucket.uri)

    def at(host, *arguments):
        monkeypatch.setenv("NOPHOTO_HOME", str(tmp_path / host))
        return cli(*arguments)

    return at


@pytest.fixture
def make(tmp_path):
    def make(name, threshold):
        folder = tmp_path / name
        shutil.copytree(shipped_version().folder, folder)
        (folder / MANIFEST).unlink()
        (folder / COHORT).unlink()  # without one the threshold judges
        write_held_out(
            folder,
            {
                Verdict.PLACEHOLDER: {f"p{n}": 0.9 for n in range(60)},
                Verdict.REAL: {f"r{n}": 0.1 for n in range(200)},
            },
        )
        fields = shipped_version().manifest.model_dump(exclude={"id", "files"})
        fields |= {"threshold": threshold, "review_low": threshold, "review_high": threshold}
        return write_manifest(folder, "copy", **fields)

    return make


def judging(at):
    listed = json.loads(at("second", "model", "list", "--json").stdout)
    return next(row["id"] for row in listed if row["active"])


def test_what_was_brought_to_one_host_is_at_hand_on_the_other(at, make, bucket, tmp_path):
    one, two = make("one", 0.5), make("two", 0.6)
    for version in (one, two):
        done = at("first", "model", "import", version.folder)
        assert done.exit_code == 0, done.output
        assert f"{bucket.uri}/{version.id}.zip" in done.stderr
    assert sorted(bucket.keys) == sorted(f"{version.id}.zip" for version in (one, two))
    shutil.rmtree(tmp_path / "first")
    shutil.rmtree(one.folder)

    locations = [
        row["location"] for row in json.loads(at("second", "model", "list", "--json").stdout)
    ]
    assert locations == [f"{bucket.uri}/{v.id}.zip" for v in (two, one)] + ["shipped"]
    shown = json.loads(at("second", "model", "show", one.id, "--json").stdout)
    assert shown["digest"] == one.digest
    assert shown["folder"] == str(tmp_path / "second" / "fetched-versions" / one.id)
    found = json.loads(at("second", "model", "compare", one.id, two.id, "--json").stdout)
    assert found["placeholders"] == 60

    force = ("--force", "--reason", "the shipped version kept nothing to compare on")
    assert at("second", "model", "promote", one.id, *force).exit_code == 0
    assert at("third", "model", "promote", two.id).exit_code == 0
    assert judging(at) == two.id
    assert at("fourth", "model", "rollback").exit_code == 0
    assert judging(at) == one.id
    assert at("fourth", "model", "export", one.id, "--out", tmp_path / "out.zip").exit_code == 0


def test_the_doctor_and_a_promotion_name_a_store_that_is_away(at, make, bucket, monkeypatch):
    version = make("one", 0.5)
    assert at("first", "model", "import", version.folder).exit_code == 0
    before = judging(at)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    refused = at("second", "model", "promote", version.id, "--force", "--reason", "x")
    assert refused.exit_code == 1
    assert f"{bucket.uri}/{version.id}.zip" in refused.stderr
    assert judging(at) == before
    found = json.loads(at("second", "doctor", "--json").stdout)
    (ill,) = [each for each in found if each["part"] == "model version" and not each["well"]]
    assert "NOPHOTO_VERSIONS" in ill["remedy"]
