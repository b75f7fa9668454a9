import json
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nophoto.jobs.versions.promotion import PromotionError, roll_back
from nophoto.models.records import references
from nophoto.models.records.references import NewReference
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.versions import (
    COHORT,
    MANIFEST,
    ModelVersion,
    shipped_version,
    write_held_out,
    write_manifest,
)
from nophoto.models.vocabulary import Verdict
from nophoto.worker.settings import settings
from tests.parts import DECODERS


@pytest.fixture
def make(tmp_path):
    """Makes a version of the shipped network with other fields, as a folder."""

    def make(name: str, held_out: dict[Verdict, dict[str, float]] | None = None, **changed):
        folder = tmp_path / name
        shutil.copytree(shipped_version().folder, folder)
        (folder / MANIFEST).unlink()
        (folder / COHORT).unlink()  # without one the threshold judges
        (folder / "card.md").write_text(f"# The card of {name}\n")
        if held_out:
            write_held_out(folder, held_out)
        fields = shipped_version().manifest.model_dump(exclude={"id", "files"})
        return write_manifest(folder, "copy", **(fields | changed))

    return make


def strict(threshold: float) -> dict[str, float]:
    return {"threshold": threshold, "review_low": threshold, "review_high": threshold}


@pytest.fixture
def bring(cli):
    """Imports a version and returns its id."""

    def bring(version: ModelVersion) -> str:
        result = cli("model", "import", version.folder)
        assert result.exit_code == 0, result.stderr
        return result.stdout.strip()

    return bring


@pytest.fixture(scope="module")
def held_out(tmp_path_factory) -> Path:
    """20 placeholders and 20 real pictures."""
    folder = tmp_path_factory.mktemp("held-out")
    for kind in Verdict:
        (folder / kind).mkdir()
    for seed in range(20):
        buffer = BytesIO()
        draw(2000 + seed, "silhouette", longest_side=96).image.save(buffer, "PNG")
        (folder / Verdict.PLACEHOLDER / f"{seed}.png").write_bytes(buffer.getvalue())
        pixels = np.random.default_rng(seed).integers(0, 256, (80, 100, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / Verdict.REAL / f"{seed}.png")
    return folder


@pytest.fixture
def few_references(upgraded) -> None:
    """Leaves ten references active: each version that judges embeds them all."""
    with upgraded.transaction() as session:
        members = references.active(session).members
        references.retire(session, [member.id for member in members[10:]])


def judging(cli) -> str:
    return next(
        row["id"] for row in json.loads(cli("model", "list", "--json").stdout) if row["active"]
    )


def test_import_list_and_show(cli, upgraded, make, bring, home):
    version = make("one")
    assert bring(version) == version.id
    assert "known already" in cli("model", "import", version.folder).stderr
    rows = json.loads(cli("model", "list", "--json").stdout)
    assert [(row["id"], row["active"]) for row in rows] == [
        (version.id, False),
        (shipped_version().id, True),
    ]
    assert rows[0]["location"] == str(home / "model-versions" / version.id)
    shown = json.loads(cli("model", "show", version.id, "--json").stdout)
    assert (shown["digest"], shown["promotions"]) == (version.digest, [])
    assert "The card of one" in cli("model", "show", version.id).stdout
    active = json.loads(cli("model", "show", "active", "--json").stdout)
    assert [change["kind"] for change in active["promotions"]] == ["installed"]
    unknown = cli("model", "show", "copy-00000000")
    assert unknown.exit_code == 1
    assert f"known: {version.id}" in unknown.stderr


def test_a_version_that_was_changed_by_hand_is_refused(cli, upgraded, make, bring, home):
    version = make("one")
    bring(version)
    kept = home / "model-versions" / version.id
    manifest = kept / MANIFEST
    manifest.write_text(manifest.read_text().replace('"auc": 0.9', '"auc": 1.0'))
    for command in ("show", "promote", "export"):
        result = cli("model", command, version.id)
        assert result.exit_code == 1
        assert "was changed since" in result.stderr
    # Importing it again mends it.
    bring(version)
    assert cli("model", "show", version.id).exit_code == 0


def test_a_version_goes_elsewhere_as_one_file(cli, upgraded, make, bring, home, tmp_path):
    version = make("one")
    bring(version)
    result = cli("model", "export", version.id)
    assert result.stdout.strip() == f"{version.id}.zip"
    assert version.digest in result.stderr
    file = tmp_path / "carried.zip"
    shutil.move(f"{version.id}.zip", file)
    shutil.rmtree(home / "model-versions")

    wrong = cli("model", "import", file, "--digest", "0" * 64)
    assert wrong.exit_code == 1
    assert "not the version that was announced" in wrong.stderr
    assert list((home / "model-versions").iterdir()) == []
    done = json.loads(cli("model", "import", file, "--digest", version.digest, "--json").stdout)
    assert (done["id"], done["new"]) == (version.id, False)
    assert cli("model", "show", version.id).exit_code == 0

    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("../../escaped", b"")
    evil = cli("model", "import", file)
    assert evil.exit_code == 1
    assert "does not lie in its folder" in evil.stderr
    assert cli("model", "export", version.id, "--out", tmp_path / "no" / "x.zip").exit_code == 1


def test_a_worse_version_does_not_pass_and_a_forced_one_is_recorded(
    cli, few_references, make, bring, held_out
):
    shipped = shipped_version()
    blind = bring(make("blind", **strict(0.9999)))
    refused = cli("model", "promote", blind, "--held-out", held_out)
    assert refused.exit_code == 1
    assert "finds fewer placeholders: 0.00% after" in refused.stderr
    assert judging(cli) == shipped.id
    without_reason = cli("model", "promote", blind, "--held-out", held_out, "--force")
    assert without_reason.exit_code == 1
    assert "--reason" in without_reason.stderr

    forced = cli(
        "model", "promote", blind, "--held-out", held_out, "--force", "--reason", "a trial",
        "--by", "ada",
    )  # fmt: skip
    assert forced.exit_code == 0
    assert "overruled: it finds fewer" in forced.stderr
    assert judging(cli) == blind
    change = json.loads(cli("model", "show", blind, "--json").stdout)["promotions"][0]
    assert (change["by"], change["reason"], change["forced"]) == ("ada", "a trial", True)
    assert (change["replaced"], change["gate"]["passed"]) == (shipped.id, False)
    assert change["gate"]["parity"] >= 0.999
    assert change["gate"]["parity_measured"]

    # The way back is better by far and passes without force.
    back = json.loads(cli("model", "promote", shipped.id, "--held-out", held_out, "--json").stdout)
    assert (back["replaced"], back["forced"], back["gate"]["passed"]) == (blind, False, True)
    assert cli("model", "rollback", "--by", "bob").stdout.startswith(f"{blind} judges now")
    assert cli("model", "rollback").stdout.startswith(f"{shipped.id} judges now")
    nothing = cli("model", "rollback")
    assert nothing.exit_code == 1
    assert "no model version judged before" in nothing.stderr


def test_references_are_embedded_before_a_version_judges(
    cli, few_references, upgraded, make, bring
):
    """Else every worker would do it when it changes over, and judge nothing meanwhile."""

    def embedded(version_id: str) -> int:
        with upgraded.reading() as session:
            digests = [member.digest for member in references.active(session).members]
            return len(embeddings.recall(session, digests, version_id))

    first, second = bring(make("first")), bring(make("second"))
    for version_id in (first, second):
        assert embedded(version_id) == 0
        assert cli("model", "promote", version_id, "--force", "--reason", "a trial").exit_code == 0
        assert embedded(version_id) == 10
    buffer = BytesIO()
    draw(3000, longest_side=96).image.save(buffer, "PNG")
    with upgraded.transaction() as session:
        references.add(session, [NewReference("later", buffer.getvalue())])
    assert embedded(first) == 10
    assert cli("model", "rollback").stdout.startswith(f"{first} judges now")
    assert embedded(first) == 11


def test_a_rollback_replaces_no_version_that_became_active_meanwhile(
    upgraded, few_references, make, bring, monkeypatch
):
    first, second = bring(make("first")), bring(make("second"))
    with upgraded.transaction() as session:
        model_versions.activate(session, first)
    activate = model_versions.activate

    def late(session, version_id, decision):
        """As if somebody's promotion had held the lock."""
        activate(session, second)
        return activate(session, version_id, decision)

    monkeypatch.setattr(model_versions, "activate", late)
    with pytest.raises(PromotionError, match="became active meanwhile"):
        roll_back(upgraded, settings(), DECODERS, "bob")
    monkeypatch.undo()
    with upgraded.reading() as session:
        assert model_versions.active(session).id == first


def test_versions_are_compared_by_what_their_trainings_kept(cli, few_references, make, bring):
    rng = np.random.default_rng(0)
    good = {
        Verdict.PLACEHOLDER: {f"p{n}": float(rng.uniform(0.7, 1)) for n in range(60)},
        Verdict.REAL: {f"r{n}": float(rng.uniform(-0.2, 0.4)) for n in range(200)},
    }
    bad = {kind: {name: float(rng.uniform(0, 0.8)) for name in some} for kind, some in good.items()}
    other = {kind: {f"x{name}": 0.5 for name in some} for kind, some in good.items()}
    first = bring(make("first", good, **strict(0.55)))
    same = bring(make("same", good, **strict(0.5)))
    worse = bring(make("worse", bad, **strict(0.55)))
    stranger = bring(make("stranger", other, **strict(0.55)))

    table = cli("model", "compare", first, worse)
    assert table.exit_code == 0
    assert "held-out pictures of both trainings" in table.stdout
    found = json.loads(cli("model", "compare", first, worse, "--json").stdout)
    assert (found["placeholders"], found["real_pictures"]) == (60, 200)
    assert found["found"]["before"] == 1
    assert found["found"]["interval"][1] < 0
    nothing = cli("model", "compare", first, stranger)
    assert nothing.exit_code == 1
    assert "--held-out" in nothing.stderr

    forced = ("--force", "--reason", "the shipped version kept nothing to compare on")
    assert cli("model", "promote", first, *forced).exit_code == 0
    assert "finds fewer placeholders" in cli("model", "promote", worse).stderr
    assert "too few pictures to compare on" in cli("model", "promote", stranger).stderr
    assert cli("model", "promote", same).exit_code == 0
    assert "judges already" in cli("model", "promote", same).stdout
    assert judging(cli) == same


def test_a_serving_form_of_another_network_is_never_promoted(cli, upgraded, make, tmp_path, bring):
    odd, broken = make("odd"), make("broken")
    weights = np.fromfile(odd.folder / "network.bin", np.float16)
    noise = np.random.default_rng(0).normal(0, 0.05, 100_000).astype(np.float16)
    weights[-200_000:-100_000] += noise
    for version, data in ((odd, weights.tobytes()), (broken, bytes(weights.nbytes))):
        (version.folder / "network.bin").write_bytes(data)
        (version.folder / MANIFEST).unlink()
        fields = version.manifest.model_dump(exclude={"id", "files"})
        moved = bring(write_manifest(version.folder, "copy", **fields))
        result = cli("model", "promote", moved, "--force", "--reason", "x")
        assert result.exit_code == 1
        assert "serving form" in result.stderr or "OpenVINO cannot run" in result.stderr
    assert judging(cli) == shipped_version().id
