"""The allow-list beside a network: which verdicts it turns into `real`, and the reason it gives."""

import logging
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import Allowed, AllowList
from nophoto.models.vision.matching import COPY_FLOOR, Cohorts, copy_reaches
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.embedding_cache import get_or_compute_embeddings
from nophoto.worker.settings import Settings

_ROUNDING = 1e-6
"""By so much two ways to compute the same cosine differ."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AllowedMatrix:
    """The allow-list as it stood at `version`, under one network.

    Attributes:
        version: of the list.
        members: all of them.
        digests: theirs, (m,) of 64 bytes each.
        look_alikes: the places in `members` of those whose look-alikes are allowed too, (k,).
        vectors: their embeddings, (k, dimension).
        reaches: the similarities from which on a picture is a changed copy of them, (k,).
    """

    version: int
    members: tuple[Allowed, ...]
    digests: NDArray[np.bytes_]
    look_alikes: NDArray[np.intp]
    vectors: NDArray[np.float32]
    reaches: NDArray[np.float64]

    def of(self, collection: str) -> "AllowedMatrix":
        """The list as it counts for uploads of a collection."""
        counts = [member.collection in ("", collection) for member in self.members]
        if all(counts):
            return self
        kept = np.flatnonzero(counts)
        place_of = {int(old): new for new, old in enumerate(kept)}
        rows = [row for row, place in enumerate(self.look_alikes) if int(place) in place_of]
        return AllowedMatrix(
            self.version,
            tuple(self.members[place] for place in kept),
            self.digests[kept],
            np.array([place_of[int(self.look_alikes[row])] for row in rows], np.intp),
            self.vectors[rows],
            self.reaches[rows],
        )

    def within(self, cohorts: Cohorts, common: float) -> "AllowedMatrix":
        """The list with the reaches that real pictures leave it; `common` is the references'."""
        return replace(self, reaches=copy_reaches(self.vectors, cohorts, common))

    def reasons(
        self,
        digests: NDArray[np.bytes_],
        vectors: NDArray[np.floating[Any]],
        similarity: NDArray[np.float64],
        flagged: NDArray[np.bool_],
    ) -> dict[int, Reason]:
        """Why some of n pictures are real whatever they look like, by row.

        A picture looks like an allowed one if it is a changed copy of that, and no less similar to
        it than to its nearest reference: another placeholder that is like both stays one.

        Args:
            digests: SHA-256 in hexadecimal, (n,) of 64 bytes each.
            vectors: embeddings, (n, dimension).
            similarity: with the nearest reference, (n,).
            flagged: the pictures that are asked about, (n,); the others need no reason.
        """
        found: dict[int, Reason] = {}
        if not self.members or not flagged.any():
            return found
        rows = np.flatnonzero(flagged)
        if len(self.look_alikes):
            cosines = np.asarray(vectors[rows], np.float32) @ self.vectors.T
            nearest = cosines.argmax(axis=1)
            near = cosines[np.arange(len(rows)), nearest]
            as_near = (near >= similarity[rows] - _ROUNDING) & (near >= self.reaches[nearest])
            for row, place in zip(rows[as_near], nearest[as_near], strict=True):
                member = self.members[self.look_alikes[place]]
                found[int(row)] = _reason(ReasonCode.ALLOWED_LOOK_ALIKE, member)
        for row in rows[np.isin(digests[rows], self.digests)]:
            place = int(np.flatnonzero(self.digests == digests[row])[0])
            found[int(row)] = _reason(ReasonCode.ALLOWED_BYTES, self.members[place])
        return found


def load_allowed(
    database: Database,
    network: Network,
    allowed: AllowList,
    settings: Settings,
    decoders: Decoders,
) -> AllowedMatrix:
    """The matrix of `allowed`; embeddings that the database lacks are made and stored there.

    Of a picture that cannot be decoded only the same bytes are allowed; the log names it.
    """
    ids = {member.digest: member.id for member in allowed.members if member.look_alikes}

    def read(digest: str) -> bytes:
        with database.reading() as session:
            return allow_list.picture(session, ids[digest])

    known, failures = get_or_compute_embeddings(
        database, network, settings, decoders, list(ids), read
    )
    for digest, failure in failures.items():
        _log.error(
            "look-alikes of picture %d on the allow-list are not known: %s",
            ids[digest],
            failure.message,
        )
    places = [
        place
        for place, member in enumerate(allowed.members)
        if member.look_alikes and member.digest in known
    ]
    vectors = np.empty((len(places), network.dimension), np.float32)
    for row, place in enumerate(places):
        vectors[row] = known[allowed.members[place].digest]
    return AllowedMatrix(
        allowed.version,
        tuple(allowed.members),
        np.array([member.digest for member in allowed.members], "S64"),
        np.array(places, np.intp),
        vectors,
        np.full(len(places), COPY_FLOOR),
    )


def _reason(code: ReasonCode, member: Allowed) -> Reason:
    return Reason(
        code, ReasonParameters(allowed_id=member.id, name=member.name, text=member.reason)
    )
