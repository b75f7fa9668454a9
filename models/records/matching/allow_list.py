"""The allow-list: pictures that are never to be flagged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import AllowedPicture
from nophoto.models.records.text import storable


class UnknownAllowedPictureError(NophotoError):
    """No picture of this id is on the allow-list."""


@dataclass(frozen=True, slots=True)
class NewAllowedPicture:
    """A picture to allow; its file's bytes are needed where look-alikes are meant.

    Attributes:
        collection: whose uploads are meant; empty for those of all.
    """

    digest: str
    name: str
    reason: str
    picture: bytes | None = None
    look_alikes: bool = False
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A picture on the allow-list, without its bytes."""

    id: int
    digest: str
    name: str
    reason: str
    look_alikes: bool
    created_at: datetime
    collection: str = ""


@dataclass(frozen=True, slots=True)
class AllowList:
    """The allow-list as it stands at `version`; members are ordered by id."""

    version: int
    members: list[Allowed]


def current_version(session: Session) -> int:
    """A number that grows with every change of the list; 0 before the first."""
    changes = func.count() + func.count(AllowedPicture.removed_at)
    return session.scalar(select(changes).select_from(AllowedPicture)) or 0


def active(session: Session) -> AllowList:
    """The version and its members; in a `reading` both are from one moment."""
    query = select(
        AllowedPicture.id,
        AllowedPicture.digest,
        AllowedPicture.name,
        AllowedPicture.reason,
        AllowedPicture.look_alikes,
        AllowedPicture.created_at,
        AllowedPicture.collection,
    ).where(AllowedPicture.removed_at.is_(None))
    rows = session.execute(query.order_by(AllowedPicture.id))
    return AllowList(current_version(session), [Allowed(*row) for row in rows])


def picture(session: Session, allowed_id: int) -> bytes:
    """The bytes of a picture that was allowed with its look-alikes.

    Raises:
        UnknownAllowedPictureError: if there is none.
    """
    found = session.scalar(select(AllowedPicture.picture).where(AllowedPicture.id == allowed_id))
    if found is None:
        raise _unknown([allowed_id])
    return found


def add(session: Session, pictures: Sequence[NewAllowedPicture]) -> list[int]:
    """Allow pictures, and return the ids of those that were not allowed before."""
    now = clock.now(session)
    rows = [
        {
            "digest": new.digest,
            "name": storable(new.name)[:255],
            "reason": storable(new.reason),
            "look_alikes": new.look_alikes,
            "picture": new.picture,
            "collection": new.collection,
            "created_at": now,
        }
        # In one order, so that two callers with the same pictures never wait in a ring.
        for new in sorted(pictures, key=lambda new: (new.digest, new.collection))
    ]
    if not rows:
        return []
    statement = insert(session, AllowedPicture).on_conflict_do_nothing(
        index_elements=[AllowedPicture.digest, AllowedPicture.collection],
        index_where=AllowedPicture.removed_at.is_(None),
    )
    return sorted(session.scalars(statement.returning(AllowedPicture.id), rows))


def remove(session: Session, ids: Sequence[int]) -> None:
    """Take pictures off the list.

    Raises:
        UnknownAllowedPictureError: if one of them is not on it; none is taken off then.
    """
    statement = (
        update(AllowedPicture)
        .where(AllowedPicture.id.in_(ids), AllowedPicture.removed_at.is_(None))
        .values(removed_at=clock.now(session))
        .returning(AllowedPicture.id)
        .execution_options(synchronize_session=False)
    )
    found = set(session.scalars(statement))
    if missing := sorted(set(ids) - found):
        raise _unknown(missing)


def _unknown(ids: Sequence[int]) -> UnknownAllowedPictureError:
    named = ", ".join(map(str, ids))
    return UnknownAllowedPictureError(
        f"no picture on the allow-list has the id {named}; `nophoto allow list` shows those there "
        "are"
    )
