"""What a new reference would claim is told before it is added, and too much is refused."""

import json
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nophoto.jobs.curation.candidates import look_at
from nophoto.jobs.curation.references import add_candidates
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.references import NewReference
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.versions import (
    COHORT,
    MANIFEST,
    ModelVersion,
    shipped_version,
    write_manifest,
)
from nophoto.models.vocabulary import Kind, ReferenceScope, Verdict
from nophoto.worker.inference.network import open_network
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import register_version
from tests.parts import DECODERS

Vector = NDArray[np.float32]


def embedded(image: Image.Image) -> Vector:
    network = open_network(shipped_version(), Settings(_env_file=None))
    data = BytesIO()
    image.save(data, "PNG")
    pixels = DECODERS.load(data.getvalue(), network.input_size)
    return network.embed(pixels[np.newaxis])[0].astype(np.float32)


def near(vector: Vector, similarity: float, count: int, seed: int) -> Vector:
    """So many unit vectors with this cosine with `vector`."""
    across = np.random.default_rng(seed).normal(size=(count, len(vector)))
    across -= (across @ vector)[:, None] * vector / float(vector @ vector)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return (similarity * vector + np.sqrt(1 - similarity**2) * across).astype(np.float32)


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    pixels = np.random.default_rng(1).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    return Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(6))


@pytest.fixture(scope="module")
def tile() -> Image.Image:
    return draw(1_001, "silhouette", longest_side=160).image


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        home=tmp_path / "home",
        database_url=database.engine.url.render_as_string(hide_password=False),
    )


@pytest.fixture
def version(database: Database, tmp_path: Path, photograph, tile) -> ModelVersion:
    """Judges by a cohort that lies around the photograph, and away from the tile."""
    shipped, folder = shipped_version(), tmp_path / "version"
    shutil.copytree(shipped.folder, folder)
    (folder / MANIFEST).unlink()
    around = near(embedded(photograph), 0.8, 2_000, 1)
    away = near(embedded(tile), 0.1, 8_000, 2)
    np.save(folder / COHORT, np.concatenate([around, away]).astype(np.float16))
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    version = write_manifest(folder, "lite0", **fields)
    register_version(database, version, str(version.folder))
    with database.transaction() as session:
        model_versions.activate(session, version.id)
        data = BytesIO()
        draw(1_002, "caption-en", longest_side=160).image.save(data, "PNG")
        references.add(session, [NewReference("first", data.getvalue(), kind=Kind.PERSON)])
    return version


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, Image.Image], Path]:
    def write(name: str, image: Image.Image) -> Path:
        image.save(tmp_path / name)
        return tmp_path / name

    return write


def judge_real(database: Database, version: ModelVersion, vectors: Vector) -> None:
    """Uploads with these embeddings that stand as real."""
    digests = [f"{number:064x}" for number in range(len(vectors))]
    with database.transaction() as session:
        items = [NewUpload(f"upload {n}", "/x") for n in range(len(vectors))]
        ids = add_uploads(session, items, Lane.BULK).ids
        token = claims.claim(session, ids, 60).token
        embeddings.remember(session, version.id, dict(zip(digests, vectors, strict=True)))
        judged = [
            Judged(upload, digest, Verdict.REAL, False, None, None)
            for upload, digest in zip(ids, digests, strict=True)
        ]
        record_outcomes(session, token, judged, [], version.id, 1)


def test_a_placeholder_claims_its_kind_and_a_photograph_its_copies(
    database, settings, version, written, photograph, tile
) -> None:
    files = [written("photograph.png", photograph), written("tile.png", tile)]
    found = look_at(database, files, settings, DECODERS, kind=Kind.PERSON)
    of_photograph, of_tile = (candidate.check for candidate in found.pictures)
    assert of_photograph.scope == ReferenceScope.COPIES
    assert of_photograph.claims.reach > 0.8
    assert of_tile.scope == ReferenceScope.KIND
    assert of_tile.compared == of_photograph.compared == 10_000
    assert not of_tile.is_refused
    forced = look_at(database, files[1:], settings, DECODERS, photo=True).pictures[0].check
    assert forced.scope == ReferenceScope.COPIES
    done = add_candidates(database, found.pictures, by="ann")
    with database.reading() as session:
        scopes = {m.name: (m.kind, m.scope) for m in references.active(session).members}
    assert len(done.stored.added) == 2
    assert scopes["photograph.png"] == (Kind.PERSON, ReferenceScope.COPIES)
    assert scopes["tile.png"] == (Kind.PERSON, ReferenceScope.KIND)


def test_what_claims_too_many_uploads_is_refused_with_examples_unless_by_force(
    database, settings, version, written, tile
) -> None:
    vector = embedded(tile)
    judge_real(
        database, version, np.concatenate([near(vector, 0.95, 40, 3), near(vector, 0.99, 5, 4)])
    )
    (candidate,) = look_at(database, [written("tile.png", tile)], settings, DECODERS).pictures
    check = candidate.check
    assert check.is_refused
    assert (check.claims.real, check.claims.copies, check.compared) == (40, 5, 10_045)
    assert check.claims.examples[0].similarity == pytest.approx(0.99, abs=5e-3)
    assert len(check.claims.examples) == 12

    refused = add_candidates(database, [candidate], by="ann")
    assert refused.stored.added == []
    assert "40 of 10,045 real pictures" in refused.refused["tile.png"]
    forced = add_candidates(database, [candidate], note="ours", by="ann", force=True)
    (added,) = forced.stored.added
    with database.reading() as session:
        row = next(row for row in references.list_all(session) if row.id == added.id)
    assert row.note.startswith("ours [added by force: it would claim 40 of 10,045")
    assert row.changed_by == "ann"


def test_a_wide_share_lets_it_in_and_a_nearly_equal_reference_is_named(
    database, settings, version, written, tile
) -> None:
    generous = settings.model_copy(update={"reference_max_share": 0.5})
    judge_real(database, version, near(embedded(tile), 0.95, 40, 3))
    file = written("tile.png", tile)
    (candidate,) = look_at(database, [file], generous, DECODERS).pictures
    assert not candidate.check.is_refused
    add_candidates(database, [candidate], by="ann")
    (again,) = look_at(database, [file], generous, DECODERS).pictures
    assert again.check.nearly_equal is not None
    assert again.check.nearly_equal.member.name == "tile.png"
    assert any("nearly equals reference" in objection for objection in again.check.objections)


def test_the_command_tells_it_and_a_dry_run_adds_nothing(
    cli, database, settings, version, written, tile, monkeypatch
) -> None:
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", settings.effective_database_url)
    file = written("tile.png", tile)
    result = cli("references", "add", file, "--kind", "person", "--dry-run", "--json")
    printed = json.loads(result.stdout)
    assert printed["added"] == []
    assert printed["checks"][0]["scope"] == "kind"
    assert printed["checks"][0]["kind"] == "person"
    told = cli("references", "add", file, "--kind", "person")
    assert " of 10,000 real pictures" in told.stderr
    assert "added tile.png" in told.stderr
