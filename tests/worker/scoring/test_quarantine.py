"""What only a quarantined reference would flag is held for review, and the verdict says why."""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.vocabulary import Verdict
from nophoto.worker.matching.active_judge import CHECKED_EVERY, ActiveJudge
from nophoto.worker.scoring.pipeline import Pipeline
from nophoto.worker.settings import Settings
from tests.parts import DECODERS, pipeline_of
from tests.rows import rows_of


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def pipeline(database: Database, settings: Settings, model: str, clock: list[float]) -> Pipeline:
    return pipeline_of(
        database, settings, ActiveJudge(database, settings, DECODERS, lambda: clock[0])
    )


def test_what_matches_it_is_real_and_waits_for_review(
    database, pipeline, placeholder, noise, add_reference, upload, clock
) -> None:
    suspect = add_reference(placeholder(1))
    pipeline.score_chunk(upload(before=placeholder(1)))
    with database.transaction() as session:
        references.quarantine(session, [suspect])
    clock[0] += CHECKED_EVERY
    pipeline.score_chunk(upload(held=placeholder(1), other=noise(1)))
    found = rows_of(database)
    assert found["before"].verdict == Verdict.PLACEHOLDER
    held = found["held"]
    assert (held.verdict, held.needs_review) == (Verdict.REAL, True)
    assert held.nearest_reference_id == suspect
    assert held.similarity == pytest.approx(1, abs=1e-3)
    quarantined = ReasonParameters(reference_id=suspect)
    assert held.reason == Reason(ReasonCode.REFERENCE_QUARANTINED, quarantined)
    # The set is empty but for the quarantined one.
    other = found["other"]
    assert (other.needs_review, other.similarity, other.reason) == (False, None, None)
    with database.transaction() as session:
        references.restore(session, [suspect])
    clock[0] += CHECKED_EVERY
    pipeline.score_chunk(upload(after=placeholder(1)))
    after = rows_of(database)["after"]
    assert (after.verdict, after.reason) == (Verdict.PLACEHOLDER, None)


def test_what_an_active_reference_flags_as_well_is_flagged(
    database, pipeline, placeholder, add_reference, upload, tmp_path
) -> None:
    def tile(quality: int) -> bytes:
        file = tmp_path / f"{quality}.jpg"
        Image.open(BytesIO(placeholder(1))).convert("RGB").save(file, quality=quality)
        return file.read_bytes()

    active, suspect = add_reference(tile(40)), add_reference(tile(95))
    with database.transaction() as session:
        references.quarantine(session, [suspect])
    pipeline.score_chunk(upload(one=tile(95)))
    one = rows_of(database)["one"]
    assert (one.verdict, one.nearest_reference_id, one.reason) == (
        Verdict.PLACEHOLDER,
        active,
        None,
    )


def test_what_is_allowed_waits_for_nobody(
    database, pipeline, placeholder, add_reference, upload
) -> None:
    suspect = add_reference(placeholder(1))
    logo = placeholder(1)
    with database.transaction() as session:
        references.quarantine(session, [suspect])
        allow_list.add(session, [NewAllowedPicture(sha256(logo).hexdigest(), "logo", "ours")])
    pipeline.score_chunk(upload(one=logo))
    one = rows_of(database)["one"]
    assert (one.verdict, one.needs_review) == (Verdict.REAL, False)
    assert one.reason is not None
    assert one.reason.code is ReasonCode.ALLOWED_BYTES
