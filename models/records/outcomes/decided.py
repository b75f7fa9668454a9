"""The pictures that moderators decided, each once, with what is known of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from nophoto.models.records.tables import Review, SpotCheck, SpotCheckPurpose, Upload
from nophoto.models.vocabulary import Kind, Verdict


@dataclass(frozen=True, slots=True)
class DecidedPicture:
    """A picture and what its newest decision that stands says.

    Attributes:
        key, uri: of the newest upload that has it.
        label: the moderator's word.
        kind: of the nearest reference, where it is a placeholder.
        network, score: what the network says.
        weight: for how many uploads it stands where it was drawn at random; 1 where it was not.
        code: why, as a short code.
    """

    key: str
    uri: str
    digest: str
    label: Verdict
    kind: Kind | None
    network: Verdict | None
    score: float | None
    weight: float
    code: str | None
    reviewer: str | None


def decided_pictures(session: Session) -> Iterator[DecidedPicture]:
    """The decided pictures, the same bytes once, those decided last first.

    What was erased is not there any more.
    """
    newest = select(func.max(Upload.id)).where(
        Upload.reviewed.is_not(None), Upload.digest.is_not(None)
    )
    standing = (
        select(Review.upload_id, func.max(Review.id).label("id"))
        .where(Review.undone_at.is_(None))
        .group_by(Review.upload_id)
        .subquery()
    )
    sampled = and_(
        SpotCheck.upload_id == Upload.id,
        SpotCheck.digest == Upload.digest,
        SpotCheck.purpose == SpotCheckPurpose.SAMPLE,
    )
    query = (
        select(
            Upload.key,
            Upload.uri,
            Upload.digest,
            Upload.reviewed,
            Upload.kind,
            Upload.verdict,
            Upload.score,
            SpotCheck.probability,
            Review.code,
            Review.reviewer,
        )
        .where(Upload.id.in_(newest.group_by(Upload.digest)))
        .outerjoin(SpotCheck, sampled)
        .outerjoin(standing, standing.c.upload_id == Upload.id)
        .outerjoin(Review, Review.id == standing.c.id)
        .order_by(Upload.reviewed_at.desc(), Upload.id.desc())
    )
    for key, uri, digest, label, kind, verdict, score, chance, code, who in session.execute(query):
        assert label is not None  # noqa: S101 -- as asked
        yield DecidedPicture(
            key,
            uri,
            digest or "",
            label,
            kind if label == Verdict.PLACEHOLDER else None,
            verdict,
            score,
            1 / chance if chance else 1.0,
            code,
            who,
        )
