"""The reference set as one matrix, which uploads are compared with."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nophoto.models.records import references
from nophoto.models.records.collections import DEFAULT, CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.references import ActiveSet, Member
from nophoto.models.vision.matching import Exemplars, kind_of_drawing, rejecting_kinds
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Kind, KindMode
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import Vector
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.cohorts import rules_of
from nophoto.worker.matching.embedding_cache import get_or_compute_embeddings
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped_embeddings import embed_shipped

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReferenceMatrix:
    """References of the set as it stood at `version`, under one network.

    Attributes:
        version: of the set; 0 where it comes from no database.
        members: in the order of the rows.
        vectors: their embeddings, (len(members), dimension).
        ids: theirs, and a last 0, to which the place -1 of an empty set leads.
    """

    version: int
    members: Sequence[Member]
    vectors: NDArray[np.float32]
    ids: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = np.array([*(member.id for member in self.members), 0], np.int64)
        object.__setattr__(self, "ids", ids)

    def of(self, collection: str) -> "ReferenceMatrix":
        """Those that uploads of a collection are compared with."""
        rows = [row for row, member in enumerate(self.members) if member.claims_of(collection)]
        if len(rows) == len(self.members):
            return self
        return ReferenceMatrix(
            self.version, [self.members[row] for row in rows], self.vectors[rows]
        )

    @property
    def exemplars(self) -> Exemplars:
        """For matching."""
        return Exemplars(
            self.vectors,
            tuple(member.kind for member in self.members),
            tuple(member.scope for member in self.members),
        )


@dataclass(frozen=True, slots=True)
class ReferenceMatrices:
    """A whole reference set, by what its members do.

    Attributes:
        active: those that claim uploads.
        quarantined: those that only have them held for review.
        retired: of those that do neither, the ones by which kinds are rejected.
    """

    active: ReferenceMatrix
    quarantined: ReferenceMatrix
    retired: ReferenceMatrix

    def of(self, collection: str) -> "ReferenceMatrices":
        """Those that uploads of a collection are compared with."""
        some = (self.active, self.quarantined, self.retired)
        return ReferenceMatrices(*(matrix.of(collection) for matrix in some))


def load_references(
    database: Database,
    network: Network,
    current: ActiveSet,
    settings: Settings,
    decoders: Decoders,
    collections: Sequence[CollectionRow] = (),
) -> ReferenceMatrices:
    """The matrices of the set `current`.

    Embeddings that the database lacks are made and stored there.

    A reference whose picture cannot be decoded is left out, and named in the log. Of retired ones
    those are loaded by which some collection may reject.
    """
    living = [*current.members, *current.quarantined]
    common = rules_of(settings)
    rejects: set[Kind] = set()
    for name in {DEFAULT, *(row.name for row in collections)}:
        kinds = [member.kind for member in living if member.claims_of(name)]
        rejects |= rejecting_kinds(kinds, common)
    for row in collections:
        rejects |= {kind for kind, mode in row.kinds.items() if mode == KindMode.OFF}
    retired = [member for member in current.retired if member.kind in rejects]
    ids = {member.digest: member.id for member in [*living, *retired]}

    def read(digest: str) -> bytes:
        with database.reading() as session:
            return references.picture(session, ids[digest])

    known, failures = get_or_compute_embeddings(
        database, network, settings, decoders, list(ids), read
    )
    for digest, failure in failures.items():
        _log.error(
            "reference %d is compared with nothing: %s. Retire it with "
            "`nophoto references retire %d`",
            ids[digest],
            failure.message,
            ids[digest],
        )
    return ReferenceMatrices(
        *(
            _matrix(current.version, some, known, network)
            for some in (current.members, current.quarantined, retired)
        )
    )


def shipped_matrix(network: Network, settings: Settings, decoders: Decoders) -> ReferenceMatrix:
    """The matrix of the shipped reference set, for judging without a database.

    Ids are places in `shipped_references()`, counted from 1.
    """
    members = [
        Member(place, reference.digest, reference.name, kind_of_drawing(reference.kind))
        for place, reference in enumerate(shipped_references(), start=1)
    ]
    return _matrix(0, members, embed_shipped(network, settings, decoders), network)


def _matrix(
    version: int, members: Sequence[Member], known: dict[str, Vector], network: Network
) -> ReferenceMatrix:
    members = [member for member in members if member.digest in known]
    vectors = np.empty((len(members), network.dimension), np.float32)
    for row, member in enumerate(members):
        vectors[row] = known[member.digest]
    return ReferenceMatrix(version, members, vectors)
