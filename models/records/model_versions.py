"""Which model versions the database knows, and which one judges."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.errors import NophotoError
from models.records import clock
from models.records.dialects import insert
from models.records.tables import ModelVersion


class UnknownModelVersionError(NophotoError):
    """No model version of this id is registered."""


class ModelVersionConflictError(NophotoError):
    """Another network is registered under the same id."""


@dataclass(frozen=True, slots=True)
class NewModelVersion:
    """A model version to register; `digest` is the SHA-256 (hex) that pins its content."""

    id: str
    digest: str
    backbone: str
    dimension: int
    threshold: float
    review_low: float
    review_high: float
    metrics: Mapping[str, Any]
    location: str


@dataclass(frozen=True, slots=True)
class ModelVersionRow(NewModelVersion):
    """A registered model version."""

    active: bool
    created_at: datetime
    promoted_at: datetime | None


def register(session: Session, version: NewModelVersion) -> bool:
    """Make a model version known; it judges nothing before `activate`.

    Returns:
        Whether it is new; one that is known with the same digest is left as it is.

    Raises:
        ModelVersionConflictError: if the id is taken by another digest.
    """
    statement = (
        insert(session, ModelVersion)
        .values(**asdict(version), created_at=clock.now(session))
        .on_conflict_do_nothing(index_elements=[ModelVersion.id])
        .returning(ModelVersion.id)
    )
    if session.scalar(statement) is not None:
        return True
    known = session.scalars(select(ModelVersion.digest).where(ModelVersion.id == version.id)).one()
    if known != version.digest:
        raise ModelVersionConflictError(
            f"the model version {version.id} is registered with the digest {known}, not "
            f"{version.digest}; a changed network needs a new id"
        )
    return False


def activate(session: Session, version_id: str) -> None:
    """Let a registered model version judge from now on, in place of the one that did.

    Raises:
        UnknownModelVersionError: if it is not registered.
    """
    # Locking them all makes two activations at once follow each other.
    ids = session.scalars(select(ModelVersion.id).order_by(ModelVersion.id).with_for_update()).all()
    if version_id not in ids:
        known = ", ".join(ids) or "none"
        raise UnknownModelVersionError(
            f"the model version {version_id} is not registered; known: {known}"
        )
    session.execute(
        update(ModelVersion)
        .where(ModelVersion.active, ModelVersion.id != version_id)
        .values(active=False)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(ModelVersion)
        .where(~ModelVersion.active, ModelVersion.id == version_id)
        .values(active=True, promoted_at=clock.now(session))
        .execution_options(synchronize_session=False)
    )


def active(session: Session) -> ModelVersionRow | None:
    """The model version that judges; None before the first `activate`."""
    row = session.scalars(select(ModelVersion).where(ModelVersion.active)).one_or_none()
    return None if row is None else _row(row)


def list_all(session: Session) -> list[ModelVersionRow]:
    """Every registered model version, the newest first."""
    newest_first = select(ModelVersion).order_by(
        ModelVersion.created_at.desc(), ModelVersion.id.desc()
    )
    return [_row(row) for row in session.scalars(newest_first)]


def _row(row: ModelVersion) -> ModelVersionRow:
    return ModelVersionRow(
        id=row.id,
        digest=row.digest,
        backbone=row.backbone,
        dimension=row.dimension,
        threshold=row.threshold,
        review_low=row.review_low,
        review_high=row.review_high,
        metrics=row.metrics,
        location=row.location,
        active=row.active,
        created_at=row.created_at,
        promoted_at=row.promoted_at,
    )
