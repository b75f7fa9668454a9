import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nophoto.models.errors import NophotoError
from nophoto.models.vision import versions
from nophoto.models.vision.versions import (
    MANIFEST,
    SHIPPED,
    ModelVersionError,
    content_digest,
    open_location,
    open_version,
    replace_shipped,
    shipped_version,
    write_manifest,
)

FIELDS = {
    "backbone": "efficientnet-lite0",
    "input_size": 224,
    "dimension": 4,
    "threshold": 0.5,
    "review_low": 0.4,
    "review_high": 0.6,
    "metrics": {"auc": 0.99},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sealed model version."""
    folder = tmp_path / "version"
    folder.mkdir()
    (folder / "network.xml").write_text("<net/>")
    (folder / "network.bin").write_bytes(b"weights")
    write_manifest(folder, "lite0", **FIELDS)
    return folder


@pytest.fixture
def edit(folder: Path) -> Callable[..., None]:
    """Changes fields of the manifest by hand."""

    def edit(**fields: object) -> None:
        path = folder / MANIFEST
        path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    return edit


def test_a_sealed_version_opens_as_it_was_written(folder: Path, tmp_path: Path) -> None:
    version = open_version(folder)
    assert version.id == f"lite0-{version.digest[:8]}"
    written = FIELDS | {"backbone_digest": None}
    assert version.manifest.model_dump(exclude={"id", "files"}) == written
    assert version.serving_form.read_text() == "<net/>"
    assert version.keras_form.parent == folder
    assert open_location(str(folder)) == version


def test_the_digest_is_of_names_and_contents(folder: Path, tmp_path: Path) -> None:
    def seal(**files: bytes) -> str:
        other = tmp_path / f"other{len(list(tmp_path.iterdir()))}"
        other.mkdir()
        for name, data in files.items():
            (other / name).write_bytes(data)
        return write_manifest(other, "lite0", **FIELDS).digest

    digest = seal(a=b"1", b=b"2")
    assert seal(b=b"2", a=b"1") == digest
    assert len({digest, seal(a=b"2", b=b"1"), seal(a=b"1"), seal(a=b"1", c=b"2")}) == 4


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), _VALUES))
def test_the_digest_does_not_depend_on_the_order_nor_on_how_it_was_written(
    content: dict[str, object],
) -> None:
    digest = content_digest(content)
    assert content_digest(dict(reversed(content.items()))) == digest
    assert content_digest(json.loads(json.dumps(content, indent=3))) == digest
    assert content_digest({**content, "id": "lite0-00000000"}) == content_digest(
        {**content, "id": "other"}
    )


def test_a_changed_file_is_named(folder: Path) -> None:
    (folder / "network.bin").write_bytes(b"Weights")
    with pytest.raises(ModelVersionError, match=r"network\.bin was changed since lite0-.*Install"):
        open_version(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "network.xml").unlink()
    with pytest.raises(ModelVersionError, match=r"lacks .*network\.xml.*Install"):
        open_version(folder)


def test_a_folder_without_a_manifest_is_no_version(tmp_path: Path) -> None:
    with pytest.raises(ModelVersionError, match=r"no model version in .*manifest\.json is missing"):
        open_version(tmp_path)
    with pytest.raises(ModelVersionError, match="no model version"):
        open_location(str(tmp_path / "nowhere"))
    assert issubclass(ModelVersionError, NophotoError)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"id": "lite0-00000000"}', "null", '{"id": "../../x"}']
)
def test_a_manifest_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(ModelVersionError, match=r"manifest\.json is not valid"):
        open_version(folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"threshold": 0.7},
        {"review_low": 0.55},
        {"review_high": 0.45},
        {"dimension": 0},
        {"input_size": -224},
        {"threshold": "high"},
        {"id": "lite0"},
        {"id": "lite0-ABCDEF01"},
    ],
)
def test_fields_that_cannot_be_are_refused(
    folder: Path, edit: Callable[..., None], fields: dict[str, object]
) -> None:
    edit(**fields)
    with pytest.raises(ModelVersionError, match=r"manifest\.json is not valid"):
        open_version(folder)


def test_fields_of_a_later_version_of_nophoto_are_read_over_and_pinned(
    folder: Path, edit: Callable[..., None]
) -> None:
    content = json.loads((folder / MANIFEST).read_text()) | {"licence": "Apache-2.0"}
    edit(**(content | {"id": f"lite0-{content_digest(content)[:8]}"}))
    assert open_version(folder).manifest.backbone == "efficientnet-lite0"
    edit(licence="proprietary")
    with pytest.raises(ModelVersionError, match="was changed since"):
        open_version(folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "lite0-00000000"},
        {"threshold": 0.55},
        {"review_low": 0.1},
        {"review_high": 0.9},
        {"metrics": {"auc": 1.0}},
        {"dimension": 5},
        {"input_size": 96},
        {"backbone": "resnet50"},
    ],
)
def test_a_manifest_that_was_edited_is_refused(
    folder: Path, edit: Callable[..., None], fields: dict[str, object]
) -> None:
    edit(**fields)
    with pytest.raises(ModelVersionError, match=r"manifest\.json was changed since lite0-.*Inst"):
        open_version(folder)


def test_a_file_taken_out_of_the_manifest_is_noticed(
    folder: Path, edit: Callable[..., None]
) -> None:
    files = dict(open_version(folder).manifest.files)
    del files["network.bin"]
    edit(files=files)
    with pytest.raises(ModelVersionError, match="was changed since"):
        open_version(folder)


def test_a_manifest_that_points_outside_is_refused(folder: Path, edit: Callable[..., None]) -> None:
    secret = folder.parent / "secret"
    secret.write_bytes(b"weights")
    files = dict(open_version(folder).manifest.files)
    files["../secret"] = files["network.bin"]
    content = json.loads((folder / MANIFEST).read_text()) | {"files": files}
    edit(files=files, id=f"lite0-{content_digest(content)[:8]}")
    with pytest.raises(ModelVersionError, match=r"\.\./secret"):
        open_version(folder)


def test_the_shipped_version_is_whole() -> None:
    version = shipped_version()
    assert version == open_location(SHIPPED)
    assert version.folder.name == version.id
    assert version.serving_form.is_file()
    assert version.head_form.is_file()
    size = sum(path.stat().st_size for path in version.folder.iterdir())
    assert size <= 40 * 2**20


@pytest.mark.parametrize("count", [0, 2])
def test_a_package_that_ships_none_or_two_is_said_to_be_broken(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(count):
        (tmp_path / str(number)).mkdir()
    monkeypatch.setattr(versions.shipped, "_FOLDER", tmp_path)
    with pytest.raises(ModelVersionError, match=rf"holds {count}\. Install nophoto again"):
        shipped_version()


def test_shipping_a_version_puts_it_in_place_of_the_one_before(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "shipped"
    (shipped / "other-00000000").mkdir(parents=True)
    monkeypatch.setattr(versions.shipped, "_FOLDER", shipped)
    for _ in range(2):
        version = replace_shipped(folder)
        assert version == shipped_version()
    assert [path.name for path in shipped.iterdir()] == [version.id]
    (folder / "network.bin").write_bytes(b"changed")
    with pytest.raises(ModelVersionError):
        replace_shipped(folder)
    assert shipped_version() == version
