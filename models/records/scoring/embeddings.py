"""Keeping embeddings, so that the same bytes are embedded once for a model version."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from nophoto.models.records.bulk import insert_rows
from nophoto.models.records.chunks import chunks
from nophoto.models.records.tables import (
    AllowedPicture,
    CohortPicture,
    Embedding,
    Reference,
    ReviewLease,
    Upload,
)

if TYPE_CHECKING:
    # Taking uploads in forgets embeddings and reads none: a backend need not load it.
    import numpy as np
    from numpy.typing import NDArray

FORGOTTEN = (Embedding, CohortPicture, ReviewLease)
"""Tables of pictures by digest: what is there goes once nothing shows the picture any more."""

_STORED = "<f2"
"""Of numbers as they are stored: float16."""


def recall(
    session: Session, digests: Sequence[str], model_version_id: str
) -> "dict[str, NDArray[np.float16]]":
    """The stored embeddings, of shape (dimension,) and read only, by digest; unknown ones lack."""
    import numpy as np

    found: dict[str, NDArray[np.float16]] = {}
    for some in chunks(digests):
        parameters = {"digests": list(some), "version": model_version_id}
        for digest, vector in session.connection().execute(_known(), parameters):
            found[digest] = np.frombuffer(vector, dtype=_STORED)
    return found


@cache
def _known() -> Executable:
    # Made once: each chunk asks it twice.
    return select(Embedding.digest, Embedding.vector).where(
        Embedding.model_version_id == bindparam("version"),
        Embedding.digest.in_(bindparam("digests", expanding=True)),
    )


def remember(
    session: Session, model_version_id: str, embeddings: "Mapping[str, NDArray[np.floating[Any]]]"
) -> None:
    """Store embeddings, of shape (dimension,), rounded to float16; known digests are left alone."""
    if not embeddings:
        return
    # In one order, so that two writers of the same digests wait for each other and never in a ring.
    rows = [
        {"digest": digest, "vector": embeddings[digest].astype(_STORED).tobytes()}
        for digest in sorted(embeddings)
    ]
    insert_rows(session, Embedding, rows, {"model_version_id": model_version_id})


def forget(session: Session, digests: Sequence[str]) -> None:
    """Delete all that is kept of pictures which nothing shows any more.

    Args:
        session: in a transaction that has taken the digests off the uploads that had them. One
            that another upload, a reference or the allow-list has too is left alone.
        digests: of pictures that uploads showed.
    """
    for some in chunks(digests):
        for table in FORGOTTEN:
            is_shown = (
                exists().where(holder.digest == table.digest)
                for holder in (Upload, Reference, AllowedPicture)
            )
            session.execute(
                delete(table)
                .where(table.digest.in_(some), *(~shown for shown in is_shown))
                .execution_options(synchronize_session=False)
            )
