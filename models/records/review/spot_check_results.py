"""What spot checks found: the verdicts that were drawn with their truth, and who said what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from nophoto.models.records.tables import SpotCheck, SpotCheckAnswer, SpotCheckPurpose, Upload
from nophoto.models.vocabulary import Kind, Verdict


@dataclass(frozen=True, slots=True)
class SampledVerdict:
    """A verdict that was drawn, and what it turned out to be; None where nobody has said."""

    at: datetime
    verdict: Verdict
    kind: Kind | None
    probability: float
    truth: Verdict | None
    collection: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a moderator said in a spot check; `truth` is known of golden items alone."""

    spot_check_id: int
    reviewer: str
    verdict: Verdict
    truth: Verdict | None


def sampled(session: Session, since: datetime) -> Iterator[SampledVerdict]:
    """The verdicts that were drawn since then; those whose upload was replaced are left out."""
    first = (
        select(SpotCheckAnswer.verdict)
        .where(SpotCheckAnswer.spot_check_id == SpotCheck.id)
        .order_by(SpotCheckAnswer.at)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            SpotCheck.at,
            SpotCheck.verdict,
            SpotCheck.kind,
            SpotCheck.probability,
            Upload.reviewed,
            first,
            Upload.collection,
        )
        .join(Upload, and_(Upload.id == SpotCheck.upload_id, Upload.digest == SpotCheck.digest))
        .where(SpotCheck.purpose == SpotCheckPurpose.SAMPLE, SpotCheck.at >= since)
        .order_by(SpotCheck.id)
    )
    # What stands wins over the blind answer, which somebody may have corrected since.
    for at, verdict, kind, chance, stands, said, of in session.execute(query):
        yield SampledVerdict(at, verdict, kind, chance, stands or said, of)


def answers(session: Session, since: datetime) -> list[Answer]:
    """What moderators said without seeing the network's answer, since then."""
    query = (
        select(SpotCheck.id, SpotCheckAnswer.reviewer, SpotCheckAnswer.verdict, SpotCheck.truth)
        .join(SpotCheckAnswer, SpotCheckAnswer.spot_check_id == SpotCheck.id)
        .where(SpotCheckAnswer.at >= since)
        .order_by(SpotCheck.id, SpotCheckAnswer.reviewer)
    )
    return [Answer(*row) for row in session.execute(query)]
