"""Embeddings of pictures that the database keeps: recalled, or made and stored there."""

from collections.abc import Callable, Sequence

from nophoto.models.records.database import Database
from nophoto.models.records.scoring import embeddings
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import PictureFailure, Vector, picture_embedder
from nophoto.worker.inference.network import Network
from nophoto.worker.settings import Settings

_CHUNK = 64


def get_or_compute_embeddings(
    database: Database,
    network: Network,
    settings: Settings,
    decoders: Decoders,
    digests: Sequence[str],
    read: Callable[[str], bytes],
) -> tuple[dict[str, Vector], dict[str, PictureFailure]]:
    """The embedding of each picture by its digest, and why some have none.

    Args:
        database: where embeddings are looked up and stored.
        network: what makes those that it lacks.
        settings: threads and time limits.
        decoders: decode the pictures.
        digests: of the pictures.
        read: the bytes of the picture of a digest.
    """
    with database.reading() as session:
        known = dict(embeddings.recall(session, digests, network.version.id))
    missing = [digest for digest in digests if digest not in known]
    failures: dict[str, PictureFailure] = {}
    embedder = picture_embedder(network, settings, decoders, read)
    for start in range(0, len(missing), _CHUNK):
        some = missing[start : start + _CHUNK]
        result = embedder.embed(some)
        with database.transaction() as session:
            embeddings.remember(session, network.version.id, result.new)
        known |= result.new
        failures |= {
            digest: outcome
            for digest, outcome in zip(some, result.outcomes, strict=True)
            if isinstance(outcome, PictureFailure)
        }
    return known, failures
