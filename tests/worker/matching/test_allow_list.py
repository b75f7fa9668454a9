"""What is on the allow-list is real, and the verdict says why."""

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import Allowed, NewAllowedPicture
from nophoto.models.records.tables import Score
from nophoto.models.vocabulary import Verdict
from nophoto.worker.matching.active_judge import CHECKED_EVERY, ActiveJudge
from nophoto.worker.matching.allow_list import AllowedMatrix
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


def allow(database: Database, *pictures: NewAllowedPicture) -> list[int]:
    with database.transaction() as session:
        return allow_list.add(session, pictures)


def test_by_hand_a_look_alike_is_within_the_reach_and_no_nearer_to_a_reference() -> None:
    # The allowed picture is the first axis; a real picture lies at 0.89 of it.
    real = np.array([[0.89, np.sqrt(1 - 0.89**2)]], np.float32)
    member = Allowed(7, "a" * 64, "logo", "ours", look_alikes=True, created_at=datetime.now(UTC))
    axis = np.array([[1.0, 0.0]], np.float32)
    alone = AllowedMatrix(
        1, (member,), np.array([member.digest], "S64"), np.array([0]), axis, np.zeros(1)
    )
    allowed = alone.within([real], common=0.5)
    assert allowed.reaches == pytest.approx([0.89], abs=1e-5)
    cosines = np.array([0.9, 0.85, 0.9])
    vectors = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)
    found = allowed.reasons(
        np.array(["b" * 64] * 3, "S64"),
        vectors,
        similarity=np.array([0.85, 0.6, 0.95]),
        flagged=np.ones(3, np.bool_),
    )
    # The second is another placeholder below 0.89, the third is more like a reference.
    parameters = ReasonParameters(allowed_id=7, name="logo", text="ours")
    assert found == {0: Reason(ReasonCode.ALLOWED_LOOK_ALIKE, parameters)}


def test_the_same_bytes_are_real_and_the_reason_is_kept(
    database, pipeline, placeholder, add_reference, upload, clock
) -> None:
    add_reference(placeholder(1))
    logo = placeholder(1)
    assert pipeline.score_chunk(upload(first=logo)).judged == 1
    (allowed,) = allow(
        database, NewAllowedPicture(sha256(logo).hexdigest(), "logo.png", "our own logo")
    )
    clock[0] += CHECKED_EVERY
    pipeline.score_chunk(upload(second=logo, third=placeholder(2)))
    found = rows_of(database)
    assert (found["first"].verdict, found["first"].reason) == (Verdict.PLACEHOLDER, None)
    second = found["second"]
    assert (second.verdict, second.needs_review) == (Verdict.REAL, False)
    assert second.reason == Reason(
        ReasonCode.ALLOWED_BYTES,
        ReasonParameters(allowed_id=allowed, name="logo.png", text="our own logo"),
    )
    assert second.similarity is not None
    assert second.similarity > 0.99
    assert found["third"].reason is None
    with database.reading() as session:
        kept = session.query(Score.reason).filter_by(upload_id=second.id).scalar()
    assert kept == second.reason
    with database.transaction() as session:
        allow_list.remove(session, [allowed])
    clock[0] += CHECKED_EVERY
    pipeline.score_chunk(upload(fourth=logo))
    assert rows_of(database)["fourth"].verdict == Verdict.PLACEHOLDER


def jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def test_look_alikes_are_real_and_other_placeholders_are_not(
    database, pipeline, placeholder, add_reference, upload, tmp_path
) -> None:
    for seed in (1, 2):
        add_reference(placeholder(seed))
    # A picture of its own, and yet so like the first reference that it is claimed.
    badge = Image.open(BytesIO(placeholder(1))).convert("RGB")
    stripe = (0, badge.height * 0.85, *badge.size)
    ImageDraw.Draw(badge).rectangle(stripe, fill=(30, 60, 160))
    logo = jpeg(badge, 80)
    digest = sha256(logo).hexdigest()
    allow(database, NewAllowedPicture(digest, "logo", "ours", logo, look_alikes=True))
    smaller = jpeg(Image.open(BytesIO(logo)).resize((80, 80)), 70)
    pipeline.score_chunk(upload(same=logo, alike=smaller, other=placeholder(2)))
    found = rows_of(database)
    parameters = ReasonParameters(allowed_id=1, name="logo", text="ours")
    assert found["same"].reason == Reason(ReasonCode.ALLOWED_BYTES, parameters)
    assert found["other"].verdict == Verdict.PLACEHOLDER
    assert found["other"].reason is None
    alike = found["alike"]
    assert alike.verdict == Verdict.REAL
    assert alike.reason == Reason(ReasonCode.ALLOWED_LOOK_ALIKE, parameters)


def test_a_damaged_picture_on_the_list_still_allows_its_bytes(
    database, pipeline, placeholder, add_reference, upload, pictures: Path, caplog
) -> None:
    add_reference(placeholder(1))
    allow(
        database,
        NewAllowedPicture(
            sha256(placeholder(3)).hexdigest(), "broken", "ours", b"no picture", look_alikes=True
        ),
    )
    pipeline.score_chunk(upload(same=placeholder(3)))
    assert rows_of(database)["same"].verdict == Verdict.REAL
    assert "look-alikes of picture 1" in caplog.text
