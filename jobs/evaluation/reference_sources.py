"""What to judge with outside a worker: a network, and a reference set from one of three places."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from nophoto.jobs.database import open_database
from nophoto.jobs.files import find_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.records import references
from nophoto.models.records.collections import DEFAULT
from nophoto.models.records.database import Database, DatabaseNotMigratedError
from nophoto.models.records.references import Member
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import ModelVersionRow
from nophoto.models.vision.matching import Matcher, lie_among_real, match
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import open_version, shipped_version
from nophoto.models.vocabulary import ReferenceScope
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import PictureFailure, Vector, picture_embedder
from nophoto.worker.inference.network import Network, open_network
from nophoto.worker.matching.cohorts import load_cohorts, rules_of
from nophoto.worker.matching.references import ReferenceMatrix, load_references, shipped_matrix
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, limits_of
from nophoto.worker.versions.registry import open_registered

_CHUNK = 64

_LEFT_OUT = "nothing is compared with %s: %s"

_log = logging.getLogger(__name__)


class NoReferencesError(NophotoError):
    """A folder of references holds no picture that can be compared with."""


@dataclass(frozen=True, slots=True)
class References:
    """A reference set and where it comes from.

    Attributes:
        source: for people, such as "the 300 shipped references".
        matrix: its members and their embeddings.
        picture: a member's file, as bytes.
        matcher: the members with their reaches.
    """

    source: str
    matrix: ReferenceMatrix
    picture: Callable[[Member], bytes]
    matcher: Matcher


@contextmanager
def open_judging(
    settings: Settings,
    decoders: Decoders,
    *,
    model_version: Path | None = None,
    folder: Path | None = None,
) -> Iterator[tuple[Network, References]]:
    """The active network and reference set: the database's where it is migrated, else shipped.

    Args:
        settings: which database, and limits.
        decoders: decode the pictures to compare with.
        model_version: a folder that holds another network than the active one.
        folder: of pictures to compare with, in place of the active set.

    Raises:
        DatabaseUnreachableError: if the database does not answer: to judge against another set
            than the one that is in use would mislead.
        ModelVersionError: if the model version is missing or changed.
        NoReferencesError: if there is no picture in `folder`.
    """
    with ExitStack() as stack:
        try:
            database = stack.enter_context(open_database(settings))
        except DatabaseNotMigratedError:
            network = open_model_version(settings, model_version)
            yield network, choose_set(network, settings, decoders, folder)
            return
        with database.reading() as session:
            active = model_versions.active(session)
        network = open_model_version(settings, model_version, active)
        yield (
            network,
            folder_set(folder, network, settings, decoders)
            if folder
            else database_set(database, network, settings, decoders),
        )


def open_model_version(
    settings: Settings, folder: Path | None = None, active: ModelVersionRow | None = None
) -> Network:
    """The network in `folder`, or else the active one, or else the shipped one.

    Raises:
        ModelVersionError: if it is missing or changed.
    """
    if folder:
        version = open_version(folder.absolute())
    else:
        version = open_registered(active, settings) if active else shipped_version()
    return open_network(version, settings)


def choose_set(
    network: Network, settings: Settings, decoders: Decoders, folder: Path | None = None
) -> References:
    """The pictures in `folder` as references, or else those that come with nophoto."""
    if folder:
        return folder_set(folder, network, settings, decoders)
    data = [reference.data for reference in shipped_references()]
    matrix = shipped_matrix(network, settings, decoders)
    return References(
        f"the {len(data)} shipped references",
        matrix,
        lambda member: data[member.id - 1],
        _matcher(matrix, network, settings),
    )


def folder_set(
    folder: Path, network: Network, settings: Settings, decoders: Decoders
) -> References:
    """The pictures in `folder` as references; one that cannot be decoded is left out.

    One that lies among real pictures, as a photograph does, claims its copies alone.

    Raises:
        NoReferencesError: if there is no picture in it.
    """
    storage = Storage(("/",), limits_of(settings))
    pictures: dict[str, tuple[str, bytes]] = {}
    for uri in find_pictures([str(folder)]).uris:
        try:
            data = storage.read(uri)
        except PictureError as error:
            _log.warning(_LEFT_OUT, uri, error)
            continue
        pictures.setdefault(sha256(data).hexdigest(), (Path(uri).name, data))
    members = [
        Member(place, digest, name)
        for place, (digest, (name, _)) in enumerate(pictures.items(), start=1)
    ]
    matrix = _embed(members, lambda digest: pictures[digest][1], network, settings, decoders)
    if not matrix.members:
        raise NoReferencesError(
            f"{folder} holds no picture to compare with; name a folder of placeholder pictures"
        )
    matrix = _with_scopes(matrix, network, settings, decoders)
    return References(
        f"the {len(matrix.members)} pictures in {folder}",
        matrix,
        lambda member: pictures[member.digest][1],
        _matcher(matrix, network, settings),
    )


def _with_scopes(
    matrix: ReferenceMatrix, network: Network, settings: Settings, decoders: Decoders
) -> ReferenceMatrix:
    cohorts = load_cohorts(network.version)
    if not cohorts:
        return matrix
    usual = _matcher(shipped_matrix(network, settings, decoders), network, settings)
    among = lie_among_real(matrix.vectors, cohorts, usual)
    members = [
        replace(member, scope=ReferenceScope.COPIES if is_among else ReferenceScope.KIND)
        for member, is_among in zip(matrix.members, among, strict=True)
    ]
    return replace(matrix, members=members)


def database_set(
    database: Database, network: Network, settings: Settings, decoders: Decoders
) -> References:
    """The active reference set of a database, as `network` sees it, without quarantined ones."""
    with database.reading() as session:
        current = references.active(session)
        known = {version.id for version in model_versions.list_all(session)}
    ids = {member.digest: member.id for member in current.all_members}

    def picture(digest: str) -> bytes:
        with database.reading() as session:
            return references.picture(session, ids[digest])

    # Embeddings are stored for model versions that the database knows, and for no other.
    if network.version.id in known:
        matrices = load_references(database, network, current, settings, decoders).of(DEFAULT)
        matrix, retired = matrices.active, matrices.retired.exemplars
    else:
        matrix = _embed(current.members, picture, network, settings, decoders, current.version)
        retired = _embed(current.retired, picture, network, settings, decoders).exemplars
    held = [member.kind for member in current.quarantined]
    source = f"the {len(matrix.members)} references of {database} (set version {matrix.version})"
    return References(
        source,
        matrix,
        lambda member: picture(member.digest),
        match(
            matrix.exemplars,
            load_cohorts(network.version, database),
            rules_of(settings),
            network.fallback,
            retired=retired,
            held=held,
        ),
    )


def _matcher(matrix: ReferenceMatrix, network: Network, settings: Settings) -> Matcher:
    cohorts, rules = load_cohorts(network.version), rules_of(settings)
    return match(matrix.exemplars, cohorts, rules, network.fallback)


def _embed(
    members: Sequence[Member],
    read: Callable[[str], bytes],
    network: Network,
    settings: Settings,
    decoders: Decoders,
    version: int = 0,
) -> ReferenceMatrix:
    """The matrix of `members`; `read` gives the file of a digest."""
    embedder = picture_embedder(network, settings, decoders, read)
    known: dict[str, Vector] = {}
    for start in range(0, len(members), _CHUNK):
        some = members[start : start + _CHUNK]
        result = embedder.embed([member.digest for member in some])
        known |= result.new
        for member, outcome in zip(some, result.outcomes, strict=True):
            if isinstance(outcome, PictureFailure):
                _log.warning(_LEFT_OUT, member.name, outcome.message)
    kept = [member for member in members if member.digest in known]
    vectors = np.zeros((len(kept), network.dimension), np.float32)
    for row, member in enumerate(kept):
        vectors[row] = known[member.digest]
    return ReferenceMatrix(version, kept, vectors)
