import json
import shutil

import pytest
from PIL import Image

from nophoto.models.records import references
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import shipped_version, write_manifest
from nophoto.models.vision.versions.learnt import file_digest


@pytest.fixture
def folder(tmp_path, picture):
    """Two placeholders of the shipped set and one that fails, four real pictures in two folders."""
    base = tmp_path / "pictures"
    for kind in ("placeholder/known", "real/a/deep"):
        (base / kind).mkdir(parents=True)
    for place, reference in enumerate(shipped_references()[:2]):
        (base / "placeholder" / "known" / f"{place}").write_bytes(reference.data)
    (base / "placeholder" / "cut.png").write_bytes(b"\x89PNG")
    for name in ("1.png", "2.png"):
        picture(f"real/a/deep/{name}")
        picture(f"real/{name}")
    (base / "real" / ".hidden").touch()
    return base


def test_json_is_all_that_stdout_holds(cli, home, folder):
    result = cli("evaluate", folder, "--json")
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert printed["auc"] == 1.0
    assert printed["tpr_at_fpr"] == {"0.01": 1.0, "0.001": 1.0}
    assert printed["threshold"] == 0  # of scores
    assert (printed["true_positive_rate"], printed["false_positive_rate"]) == (1.0, 0.0)
    for figure in ("auc", "true_positive_rate", "false_positive_rate"):
        low, high = printed[f"{figure}_interval"]
        assert low <= printed[figure] <= high
    assert (printed["placeholders"], printed["real_pictures"]) == (2, 4)
    assert printed["failures"] == {"unreadable": 1}
    assert printed["photos_per_second"] > 0
    assert set(printed["false_alarm_rates"]) == {".", "a/deep"}
    assert printed["false_alarm_rates"]["a/deep"]["judged"] == 2
    assert printed["found_rates"]["known"]["rate"] == 1.0
    assert "shipped references" in result.stderr
    assert not home.exists()


def test_the_databases_set_is_used_and_left_alone(cli, upgraded, folder):
    with upgraded.transaction() as session:
        ids = [row.id for row in references.list_all(session)]
        references.retire(session, ids[10:])
    result = cli("evaluate", folder, "--json")
    printed = json.loads(result.stdout)
    assert printed["reference_set_size"] == 10
    assert "set version 2" in result.stderr
    with upgraded.reading() as session:
        assert references.current_version(session) == 2
        assert len(references.list_all(session)) == len(ids)


@pytest.fixture
def small_set(tmp_path):
    """A folder with two of the shipped references, which are embedded at once."""
    folder = tmp_path / "set"
    folder.mkdir()
    for reference in shipped_references()[:2]:
        (folder / f"{reference.name}.webp").write_bytes(reference.data)
    return folder


def test_table_and_files(cli, folder, tmp_path, small_set):
    out = tmp_path / "out"
    version = shipped_version().folder
    result = cli(
        *("evaluate", folder, "--out", out),
        *("--model-version", version, "--references", small_set),
    )
    assert result.exit_code == 0
    assert "False alarms, by folder" in result.stdout
    assert "not judged: unreadable" in result.stdout
    for name in ("roc", "scores", "false-alarms", "missed"):
        with Image.open(out / f"{name}.png") as image:
            assert min(image.size) > 100
    assert json.loads((out / "evaluation.json").read_text())["auc"] == 1.0


def test_folder_of_references(cli, folder, small_set):
    result = cli("evaluate", folder, "--references", small_set, "--json")
    assert json.loads(result.stdout)["reference_set_size"] == 2
    assert str(small_set) in result.stderr


@pytest.mark.parametrize("missing", ["placeholder", "real"])
def test_folder_that_lacks_a_kind(cli, folder, missing):
    (folder / missing).rename(folder / "away")
    result = cli("evaluate", folder, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"no folder `{missing}`" in result.stderr


def test_empty_kind(cli, tmp_path):
    for kind in ("placeholder", "real"):
        (tmp_path / kind).mkdir()
    result = cli("evaluate", tmp_path)
    assert result.exit_code == 1
    assert "holds no file" in result.stderr


def test_kind_in_which_nothing_can_be_judged(cli, folder, small_set):
    for file in (folder / "placeholder" / "known").iterdir():
        file.unlink()
    result = cli("evaluate", folder, "--references", small_set)
    assert result.exit_code == 1
    assert "could be judged" in result.stderr


def test_empty_reference_set(cli, upgraded, folder):
    with upgraded.transaction() as session:
        references.retire(session, [row.id for row in references.list_all(session)])
    result = cli("evaluate", folder)
    assert result.exit_code == 1
    assert "reference set is empty" in result.stderr


def test_folder_that_is_no_model_version(cli, folder, tmp_path):
    result = cli("evaluate", folder, "--model-version", tmp_path)
    assert result.exit_code == 1
    assert "no model version" in result.stderr


@pytest.fixture
def taught(tmp_path, folder):
    """A version that learnt one of the folder's placeholders, and was measured by two real ones."""
    shipped = shipped_version()
    copied = tmp_path / "taught"
    shutil.copytree(shipped.folder, copied)
    (copied / "manifest.json").unlink()
    learnt = file_digest(folder / "placeholder/known/0")
    measured = {file_digest(folder / "real" / name): 0.1 for name in ("1.png", "2.png")}
    (copied / "data.json").write_text(
        json.dumps({"placeholders 0": [learnt], "real 0": ["f" * 64]})
    )
    (copied / "held-out.json").write_text(json.dumps({"placeholder": {}, "real": measured}))
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    return write_manifest(copied, "lite0", **fields)


def test_pictures_that_the_version_has_learnt_are_counted_and_warned_of(
    cli, folder, small_set, taught
):
    arguments = ("evaluate", folder, "--references", small_set, "--model-version", taught.folder)
    found = cli(*arguments, "--json")
    assert found.exit_code == 0, found.output
    printed = json.loads(found.stdout)
    assert printed["learnt_by_the_version"] == {"placeholder": 1, "real": 0}
    assert printed["held_out_by_its_training"] == {"placeholder": 0, "real": 2}
    said = " ".join(found.stderr.split())
    assert f"{taught.id} was trained on 1 of these pictures (1 placeholder, 0 real)" in said
    assert "measured it by 2 of these pictures" in said

    unknown = cli("evaluate", folder, "--references", small_set)
    assert "was trained on" not in unknown.stderr
    assert "measured it by" not in unknown.stderr
