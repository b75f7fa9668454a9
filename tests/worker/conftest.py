from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.references import NewReference
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.versions import SHIPPED, shipped_version
from nophoto.worker.inference.network import Network, open_network
from nophoto.worker.settings import Settings
from tests.worker.tls import AUTHORITY


def _file(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def placeholder() -> Callable[[int], bytes]:
    """Gives the file of a drawn placeholder, another one for each number."""
    return lambda seed: _file(draw(1000 + seed, "silhouette", longest_side=96).image)


@pytest.fixture
def noise() -> Callable[[int], bytes]:
    """Gives the file of a picture that resembles no placeholder, another for each number."""

    def noise(seed: int) -> bytes:
        pixels = np.random.default_rng(seed).integers(0, 256, (80, 100, 3), dtype=np.uint8)
        return _file(Image.fromarray(pixels))

    return noise


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The certificate of the authority that servers of `tests.worker.tls` are certified by."""
    file = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(file)
    return file


@pytest.fixture(scope="session")
def network() -> Network:
    """The shipped network, on the serving engine."""
    return open_network(shipped_version(), Settings(_env_file=None))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """The folder that uploads may be read from."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(database: Database, broker_url: str, pictures: Path, tmp_path: Path) -> Settings:
    """Settings for the database and the broker of this test."""
    return Settings(
        _env_file=None,
        home=tmp_path / "home",
        database_url=database.engine.url.render_as_string(hide_password=False),
        broker_url=broker_url,
        roots=(str(pictures),),
        picture_timeout=10,
        lease_seconds=60,
    )


@pytest.fixture
def model(database: Database) -> str:
    """The id of the shipped model version, active; the reference set stays empty."""
    version = shipped_version()
    manifest = version.manifest
    with database.transaction() as session:
        model_versions.register(
            session,
            NewModelVersion(
                id=version.id,
                digest=version.digest,
                backbone=manifest.backbone,
                dimension=manifest.dimension,
                threshold=manifest.threshold,
                review_low=manifest.review_low,
                review_high=manifest.review_high,
                metrics={},
                location=SHIPPED,
            ),
        )
        model_versions.activate(session, version.id)
    return version.id


@pytest.fixture
def add_reference(database: Database) -> Callable[[bytes], int]:
    """Adds a picture to the reference set and returns its id."""

    def add(picture: bytes) -> int:
        with database.transaction() as session:
            return references.add(session, [NewReference("one", picture)]).added[0].id

    return add


@pytest.fixture
def upload(database: Database, pictures: Path) -> Callable[..., list[int]]:
    """Writes files, queues an upload of each and returns the ids; bytes of None write no file."""

    def upload(**files: bytes | None) -> list[int]:
        for name, data in files.items():
            if data is not None:
                (pictures / name).write_bytes(data)
        items = [NewUpload(name, str(pictures / name)) for name in files]
        with database.transaction() as session:
            return add_uploads(session, items, Lane.BULK).ids

    return upload
