"""Shadow runs: which version judges beside the active one, from when to when, and how far it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.tables import Shadow
from nophoto.models.records.text import storable
from nophoto.models.records.versions import model_versions


class ShadowError(NophotoError):
    """A version cannot judge in the shadow, or none does."""


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """A shadow run; its columns."""

    id: int
    model_version_id: str
    beside_id: str
    share: float
    started_at: datetime
    by: str
    followed_to: datetime
    ended_at: datetime | None
    ended_because: str | None


def start(session: Session, model_version_id: str, share: float, by: str) -> ShadowRow:
    """Let a version judge a share of the live uploads beside the active one.

    Raises:
        UnknownModelVersionError: if it is not registered.
        ShadowError: if it is the active one, or another judges in the shadow already.
    """
    row = model_versions.get(session, model_version_id)
    active = model_versions.active(session)
    if active is None or active.id == row.id:
        raise ShadowError(
            f"{row.id} judges already; `nophoto model list` shows which versions do not"
            if active
            else "no model version judges yet; run `nophoto db upgrade`"
        )
    current = current_shadow(session)
    if current is not None:
        raise ShadowError(
            f"{current.model_version_id} judges in the shadow already; `nophoto model shadow "
            "--stop` ends that"
        )
    now = clock.now(session)
    shadow = Shadow(
        model_version_id=row.id,
        beside_id=active.id,
        share=share,
        started_at=now,
        by=storable(by)[:255],
        followed_to=now,
    )
    session.add(shadow)
    session.flush()
    return _row(shadow)


def end(session: Session, shadow_id: int, because: str) -> bool:
    """End a shadow run; whether it was still under way."""
    statement = (
        update(Shadow)
        .where(Shadow.id == shadow_id, Shadow.is_open)
        .values(is_open=False, ended_at=clock.now(session), ended_because=storable(because))
        .returning(Shadow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def current_shadow(session: Session) -> ShadowRow | None:
    """The shadow run under way."""
    found = session.scalars(select(Shadow).where(Shadow.is_open)).one_or_none()
    return None if found is None else _row(found)


def latest(session: Session, model_version_id: str | None = None) -> ShadowRow | None:
    """The newest shadow run, of any version or of one."""
    query = select(Shadow).order_by(Shadow.id.desc()).limit(1)
    if model_version_id is not None:
        query = query.where(Shadow.model_version_id == model_version_id)
    found = session.scalars(query).one_or_none()
    return None if found is None else _row(found)


def _row(shadow: Shadow) -> ShadowRow:
    return ShadowRow(
        shadow.id,
        shadow.model_version_id,
        shadow.beside_id,
        shadow.share,
        shadow.started_at,
        shadow.by,
        shadow.followed_to,
        shadow.ended_at,
        shadow.ended_because,
    )
