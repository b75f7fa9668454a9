"""Reaches, kinds and scores on the way of an upload, with a version that has a cohort."""

import logging
import shutil
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from nophoto.models.reasons import ReasonCode
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.references import NewReference
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.distractors import DISTRACTORS, draw_distractor
from nophoto.models.vision.versions import (
    COHORT,
    MANIFEST,
    ModelVersion,
    ModelVersionError,
    open_version,
    read_cohort,
    shipped_version,
    write_manifest,
)
from nophoto.models.vocabulary import Kind, KindMode, ReferenceScope, Verdict
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.active_judge import CHECKED_EVERY, ActiveJudge
from nophoto.worker.scoring.pipeline import Pipeline
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import register_version
from tests.parts import DECODERS, pipeline_of
from tests.rows import rows_of

PICTURES = 240


@pytest.fixture(scope="session")
def real_vectors(network: Network) -> NDArray[np.float16]:
    """What the shipped network makes of drawn pictures that say no absence."""
    size, names = network.input_size, list(DISTRACTORS)
    pixels = [
        np.asarray(
            draw_distractor(seed, names[seed % len(names)]).convert("RGB").resize((size, size))
        )
        for seed in range(PICTURES)
    ]
    return np.concatenate(
        [network.embed(np.stack(pixels[at : at + 24])) for at in range(0, PICTURES, 24)]
    )


@pytest.fixture
def version(real_vectors: NDArray[np.float16], tmp_path: Path) -> ModelVersion:
    """The shipped version with a cohort."""
    return with_cohort(real_vectors, tmp_path / "with-cohort")


def with_cohort(vectors: NDArray[np.float16], folder: Path) -> ModelVersion:
    shipped = shipped_version()
    shutil.copytree(shipped.folder, folder)
    (folder / MANIFEST).unlink()
    np.save(folder / COHORT, vectors)
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    return write_manifest(folder, "lite0", **fields)


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def judging(
    database: Database, settings: Settings, version: ModelVersion, clock: list[float]
) -> Callable[..., Pipeline]:
    """Makes a pipeline by the version with a cohort, under other settings where they are given."""
    register_version(database, version, str(version.folder))
    with database.transaction() as session:
        model_versions.activate(session, version.id)

    def make(**changes: object) -> Pipeline:
        changed = settings.model_copy(update=changes)
        judge = ActiveJudge(database, changed, DECODERS, lambda: clock[0])
        return pipeline_of(database, changed, judge)

    return make


@pytest.fixture
def refer(database: Database) -> Callable[..., int]:
    def refer(data: bytes, kind: Kind, scope: ReferenceScope = ReferenceScope.KIND) -> int:
        with database.transaction() as session:
            new = NewReference(kind, data, kind=kind, scope=scope)
            return references.add(session, [new]).added[0].id

    return refer


def file(image: Image.Image, form: str = "PNG") -> bytes:
    data = BytesIO()
    image.save(data, form, **({"lossless": True} if form == "WEBP" else {}))
    return data.getvalue()


PHOTOGRAPHS = (data.coffee, data.astronaut, data.chelsea, data.rocket, data.coins, data.moon)
"""Of scikit-image's package."""


def photograph(number: int) -> Image.Image:
    return Image.fromarray(PHOTOGRAPHS[number]()).convert("RGB")


def test_a_verdict_has_a_kind_and_a_score_that_is_its_distance_to_the_reach(
    database, judging, refer, placeholder, noise, upload
) -> None:
    person = refer(placeholder(1), Kind.PERSON)
    judging().score_chunk(upload(same=placeholder(1), other=noise(1)))
    same, other = rows_of(database)["same"], rows_of(database)["other"]
    assert (same.verdict, same.kind, same.nearest_reference_id) == (
        Verdict.PLACEHOLDER,
        Kind.PERSON,
        person,
    )
    assert other.verdict == Verdict.REAL
    assert other.score < 0 <= same.score
    reaches = {round(row.similarity - row.score, 6) for row in (same, other)}
    assert len(reaches) == 1


def test_one_photograph_as_a_reference_claims_its_copies_alone(
    database, judging, refer, upload
) -> None:
    tile = photograph(0)
    refer(file(tile), Kind.PHOTO, ReferenceScope.COPIES)
    others = {f"other{seed}": file(draw_distractor(PICTURES + seed)) for seed in range(8)}
    judging().score_chunk(
        upload(same=file(tile), webp=file(tile, "WEBP"), small=file(tile.resize((240, 160))))
        + upload(**others)
    )
    found = rows_of(database)
    flagged = {key for key, row in found.items() if row.verdict == Verdict.PLACEHOLDER}
    assert flagged == {"same", "webp", "small"}


def test_what_is_only_of_a_kind_that_is_off_is_real_and_says_so(
    database, judging, refer, placeholder, upload
) -> None:
    person = refer(placeholder(1), Kind.PERSON)
    refer(placeholder(2), Kind.COVER)
    pipeline = judging(kinds={Kind.PERSON: KindMode.OFF})
    pipeline.score_chunk(upload(person=placeholder(1), cover=placeholder(2)))
    found = rows_of(database)
    assert (found["person"].verdict, found["person"].needs_review) == (Verdict.REAL, False)
    assert found["cover"].verdict == Verdict.PLACEHOLDER
    if found["person"].reason:  # where the other reference would have claimed it
        assert found["person"].reason.code is ReasonCode.KIND_NOT_CLAIMED
        assert found["person"].reason.parameters.reference_id == person


def test_a_kind_of_which_all_references_are_retired_is_real(
    database, judging, refer, placeholder, upload, clock
) -> None:
    person = refer(placeholder(1), Kind.PERSON)
    refer(placeholder(2), Kind.COVER)
    pipeline = judging()
    with database.transaction() as session:
        references.retire(session, [person])
    pipeline.score_chunk(upload(retired=placeholder(1)))
    assert rows_of(database)["retired"].verdict == Verdict.REAL
    with database.transaction() as session:
        references.restore(session, [person])
    clock[0] += CHECKED_EVERY
    pipeline.score_chunk(upload(restored=placeholder(1)))
    assert rows_of(database)["restored"].verdict == Verdict.PLACEHOLDER


def test_with_all_kinds_off_everything_is_real_and_the_log_says_it_loudly(
    database, judging, refer, placeholder, upload, caplog
) -> None:
    refer(placeholder(1), Kind.PERSON)
    with caplog.at_level(logging.WARNING):
        judging(kinds=dict.fromkeys(Kind, KindMode.OFF)).score_chunk(upload(a=placeholder(1)))
    assert "ALL KINDS ARE OFF" in caplog.text
    assert rows_of(database)["a"].verdict == Verdict.REAL


def test_look_alikes_of_an_allowed_picture_are_its_changed_copies(
    database, judging, refer, placeholder, upload
) -> None:
    refer(placeholder(1), Kind.PERSON)
    logo = Image.open(BytesIO(placeholder(2)))
    data = file(logo)
    digest = sha256(data).hexdigest()
    with database.transaction() as session:
        allow_list.add(
            session, [NewAllowedPicture(digest, "logo", "our own", data, look_alikes=True)]
        )
    pipeline = judging()
    pipeline.score_chunk(upload(webp=file(logo, "WEBP"), tile=placeholder(1)))
    found = rows_of(database)
    assert found["webp"].verdict == Verdict.REAL
    assert found["webp"].reason.code is ReasonCode.ALLOWED_LOOK_ALIKE
    assert found["webp"].reason.parameters.text == "our own"
    assert found["tile"].verdict == Verdict.PLACEHOLDER


def test_a_version_without_a_cohort_judges_by_its_threshold_and_warns(
    database, settings, model, refer, placeholder, upload, caplog
) -> None:
    refer(placeholder(1), Kind.PERSON)
    judge = ActiveJudge(database, settings, DECODERS)
    if COHORT in shipped_version().manifest.files:
        pytest.skip("the shipped version has a cohort")
    with caplog.at_level(logging.WARNING):
        pipeline_of(database, settings, judge).score_chunk(upload(a=placeholder(1)))
    assert "has no cohort of real pictures" in caplog.text
    row = rows_of(database)["a"]
    threshold = shipped_version().manifest.threshold
    assert row.similarity - row.score == pytest.approx(threshold)


def test_a_cohort_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    version = with_cohort(np.zeros((5, 3), np.float16), tmp_path / "wrong")
    with pytest.raises(ModelVersionError, match="belongs to another version"):
        read_cohort(open_version(version.folder))


def test_a_cohort_that_was_changed_is_refused_by_name(version: ModelVersion) -> None:
    (version.folder / COHORT).write_bytes(b"something else")
    with pytest.raises(ModelVersionError, match=COHORT):
        open_version(version.folder)
