"""Which model versions the database knows, and which one judges."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import ModelVersion
from nophoto.models.records.versions import promotions
from nophoto.models.records.versions.promotions import Decision

_PROMOTED = Decision()


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


def relocate(session: Session, version_id: str, location: str) -> None:
    """Note that a registered model version lies elsewhere; its content is what it was."""
    session.execute(
        update(ModelVersion)
        .where(ModelVersion.id == version_id)
        .values(location=location)
        .execution_options(synchronize_session=False)
    )


def activate(session: Session, version_id: str, decision: Decision = _PROMOTED) -> str | None:
    """Let a registered model version judge from now on, in place of the one that did.

    The change is kept with its `decision`; one that judges already changes nothing.

    Returns:
        The one that judged until now.

    Raises:
        UnknownModelVersionError: if it is not registered.
    """
    # Locking them all makes two activations at once follow each other.
    rows = session.execute(
        select(ModelVersion.id, ModelVersion.active).order_by(ModelVersion.id).with_for_update()
    ).all()
    _check_known(version_id, [row.id for row in rows])
    judging: str | None = next((row.id for row in rows if row.active), None)
    if judging == version_id:
        return judging
    for switched, values in (
        (ModelVersion.active, {"active": False}),
        (ModelVersion.id == version_id, {"active": True, "promoted_at": clock.now(session)}),
    ):
        session.execute(
            update(ModelVersion)
            .where(switched)
            .values(values)
            .execution_options(synchronize_session=False)
        )
    promotions.record(session, version_id, judging, decision)
    return judging


def get(session: Session, version_id: str) -> ModelVersionRow:
    """A registered model version.

    Raises:
        UnknownModelVersionError: if it is not registered.
    """
    _check_known(version_id, session.scalars(select(ModelVersion.id)).all())
    return _row(session.get_one(ModelVersion, version_id))


def active(session: Session) -> ModelVersionRow | None:
    """The model version that judges; None before the first `activate`."""
    row = session.scalars(select(ModelVersion).where(ModelVersion.active)).one_or_none()
    return None if row is None else _row(row)


def active_id(session: Session) -> str | None:
    """The id of the one that judges, without its metrics, which may be large."""
    return session.scalar(select(ModelVersion.id).where(ModelVersion.active))


def list_all(session: Session) -> list[ModelVersionRow]:
    """Every registered model version, the newest first."""
    newest_first = select(ModelVersion).order_by(
        ModelVersion.created_at.desc(), ModelVersion.id.desc()
    )
    return [_row(row) for row in session.scalars(newest_first)]


def _check_known(version_id: str, ids: Sequence[str]) -> None:
    if version_id not in ids:
        known = ", ".join(sorted(ids)) or "none"
        raise UnknownModelVersionError(
            f"the model version {version_id} is not registered; known: {known}. `nophoto model "
            "import FILE` makes one known"
        )


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
