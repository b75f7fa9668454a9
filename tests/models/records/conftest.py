from collections.abc import Callable

import pytest

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import NewModelVersion

MODEL = NewModelVersion(
    id="lite0-3f9a1c2b",
    digest="3f" * 32,
    backbone="efficientnet-lite0",
    dimension=4,
    threshold=0.5,
    review_low=0.4,
    review_high=0.6,
    metrics={"auc": 0.99},
    location="models/lite0-3f9a1c2b",
)


@pytest.fixture
def model(database: Database) -> NewModelVersion:
    """An active model version."""
    with database.transaction() as session:
        model_versions.register(session, MODEL)
        model_versions.activate(session, MODEL.id)
    return MODEL


@pytest.fixture
def enqueue(database: Database) -> Callable[..., list[int]]:
    """Queues uploads under the given keys and returns their ids in the order of the keys."""

    def enqueue(*keys: str, lane: Lane = Lane.BULK) -> list[int]:
        with database.transaction() as session:
            return [
                add_uploads(session, [NewUpload(key, f"/pictures/{key}.jpg")], lane).ids[0]
                for key in keys
            ]

    return enqueue


@pytest.fixture
def claim(database: Database) -> Callable[..., claims.Claim]:
    """Claims uploads in a transaction of its own."""

    def claim(ids: list[int], lease_seconds: float = 60) -> claims.Claim:
        with database.transaction() as session:
            return claims.claim(session, ids, lease_seconds)

    return claim
