"""The shipped references' embeddings under the shipped network, made once for everybody.

Without them a new database's first verdict would wait some seconds until 300 references are
embedded. `python -m nophoto.worker.versions.shipped_embeddings` makes them again after a change to
the shipped references, and `python -m nophoto.worker.versions.ship` with another model version;
until then they are made where they are needed.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nophoto.models.vision import references
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import ModelVersion, shipped_version
from nophoto.worker.decoding.pool import Decoders, decoders_of
from nophoto.worker.inference.embedder import Vector, picture_embedder
from nophoto.worker.inference.network import Network, open_network
from nophoto.worker.settings import Settings

FILE = Path(references.__file__).with_name("embeddings.npz")


def read_embeddings(version: ModelVersion, file: Path = FILE) -> dict[str, Vector]:
    """The embeddings in `file` by digest; none where it is absent or of another version."""
    if not file.is_file():
        return {}
    with np.load(file, allow_pickle=False) as arrays:
        if str(arrays["model_version"]) != version.digest:
            return {}
        return dict(zip(arrays["digests"].tolist(), arrays["vectors"], strict=True))


def embed_shipped(network: Network, settings: Settings, decoders: Decoders) -> dict[str, Vector]:
    """The embeddings of the shipped references by digest; none that is known is made again."""
    known = read_embeddings(network.version)
    pictures = {reference.digest: reference.data for reference in shipped_references()}
    missing = [digest for digest in pictures if digest not in known]
    return known | _embed(network, settings, decoders, pictures, missing)


def write_embeddings(file: Path = FILE) -> None:
    """Embed the shipped references with the shipped network, into `file`."""
    settings = Settings(_env_file=None)
    network = open_network(shipped_version(), settings)
    pictures = {reference.digest: reference.data for reference in shipped_references()}
    vectors = _embed(network, settings, decoders_of(settings), pictures, list(pictures))
    np.savez_compressed(
        file,
        model_version=network.version.digest,
        digests=list(vectors),
        vectors=np.stack(list(vectors.values())),
    )


def _embed(
    network: Network,
    settings: Settings,
    decoders: Decoders,
    pictures: dict[str, bytes],
    digests: Sequence[str],
) -> dict[str, Vector]:
    return picture_embedder(network, settings, decoders, pictures.__getitem__).embed(digests).new


if __name__ == "__main__":
    write_embeddings()
