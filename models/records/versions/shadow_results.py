"""What shadow runs show: how often both versions said what, and where they disagree."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from nophoto.models.records.tables import ShadowVerdict, Upload
from nophoto.models.vocabulary import Kind, Verdict


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An upload of which both versions say different things; `truth` is a moderator's word."""

    upload_id: int
    key: str
    active_verdict: Verdict
    active_score: float | None
    verdict: Verdict
    score: float | None
    kind: Kind | None
    truth: Verdict | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often both versions said what.

    Attributes:
        compared: uploads.
        active_flagged, shadow_flagged: those that each called placeholders.
        differ: those of which they say different things.
        answered: those of these of which a moderator has said what they are.
        shadow_right: those of these where the shadow was right.
    """

    compared: int
    active_flagged: int
    shadow_flagged: int
    differ: int
    answered: int
    shadow_right: int


def tally(session: Session, shadow_id: int) -> Tally:
    """How often both versions said what."""
    differ = ShadowVerdict.verdict != ShadowVerdict.active_verdict
    answered = and_(differ, Upload.reviewed.is_not(None))
    query = (
        select(
            func.count(),
            func.count().filter(ShadowVerdict.active_verdict == Verdict.PLACEHOLDER),
            func.count().filter(ShadowVerdict.verdict == Verdict.PLACEHOLDER),
            func.count().filter(differ),
            func.count().filter(answered),
            func.count().filter(and_(answered, Upload.reviewed == ShadowVerdict.verdict)),
        )
        .join(Upload, Upload.id == ShadowVerdict.upload_id)
        .where(ShadowVerdict.shadow_id == shadow_id)
    )
    return Tally(*session.execute(query).one())


def disagreements(session: Session, shadow_id: int, limit: int) -> list[Disagreement]:
    """Uploads of which both say different things, those that a moderator has judged first."""
    query = (
        select(
            ShadowVerdict.upload_id,
            Upload.key,
            ShadowVerdict.active_verdict,
            ShadowVerdict.active_score,
            ShadowVerdict.verdict,
            ShadowVerdict.score,
            ShadowVerdict.kind,
            Upload.reviewed,
        )
        .join(Upload, Upload.id == ShadowVerdict.upload_id)
        .where(
            ShadowVerdict.shadow_id == shadow_id,
            ShadowVerdict.verdict != ShadowVerdict.active_verdict,
        )
        .order_by(Upload.reviewed.is_(None), ShadowVerdict.upload_id.desc())
        .limit(limit)
    )
    return [Disagreement(*row) for row in session.execute(query)]
