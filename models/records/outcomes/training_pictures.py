"""The pictures that people said something about: what a retraining learns from a database."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records.tables import Reference, ReferenceOrigin, ReferenceState, Upload
from nophoto.models.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class ReviewedUpload:
    """An upload and what its newest review that stands says of it.

    Attributes:
        digest: of the bytes that were judged; None where they were not read.
    """

    uri: str
    digest: str | None
    verdict: Verdict


def reviewed_uploads(session: Session, most: int) -> list[ReviewedUpload]:
    """The newest `most` uploads that a moderator decided."""
    query = (
        select(Upload.uri, Upload.digest, Upload.reviewed)
        .where(Upload.reviewed.is_not(None))
        .order_by(Upload.id.desc())
        .limit(most)
    )
    return [
        ReviewedUpload(uri, digest, verdict)
        for uri, digest, verdict in session.execute(query)
        if verdict is not None
    ]


def added_references(session: Session) -> Iterator[tuple[str, bytes]]:
    """Digest and file of each reference that somebody added and nobody retired."""
    chosen = (
        Reference.origin == ReferenceOrigin.ADDED,
        Reference.state == ReferenceState.ACTIVE,
    )
    ids = session.scalars(select(Reference.id).where(*chosen).order_by(Reference.id)).all()
    for reference_id in ids:  # one by one: together they may be large
        row = session.get_one(Reference, reference_id)
        yield row.digest, row.picture
        session.expunge(row)
