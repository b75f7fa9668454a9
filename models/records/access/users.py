"""Who may use the console. Of passwords it sees hashes alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import Role, User


class UnknownUserError(NophotoError):
    """Nobody of this name may log in."""


class UserExistsError(NophotoError):
    """Somebody of this name may log in already."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user, without the hash of the password.

    Attributes:
        collection: whose uploads alone they see and decide; None: those of all.
    """

    name: str
    role: Role
    created_at: datetime
    collection: str | None = None


def add(
    session: Session,
    name: str,
    password_hash: str,
    role: Role,
    collection: str | None = None,
) -> None:
    """Let somebody log in.

    Raises:
        UserExistsError: if the name is taken; nothing about that user changes.
    """
    statement = (
        insert(session, User)
        .values(
            name=name,
            password_hash=password_hash,
            role=role,
            collection=collection,
            created_at=clock.now(session),
        )
        .on_conflict_do_nothing(index_elements=[User.name])
        .returning(User.id)
    )
    if session.scalar(statement) is None:
        raise UserExistsError(
            f"there is a user {name} already. `nophoto users change {name}` changes the role or "
            "the password"
        )


def change(
    session: Session,
    name: str,
    *,
    password_hash: str | None = None,
    role: Role | None = None,
    collection: str | None = None,
) -> None:
    """Give a user another password, another role or another collection; empty: all of them.

    Raises:
        UnknownUserError: if there is no such user.
    """
    values = {"password_hash": password_hash, "role": role}
    given: dict[str, object] = {k: value for k, value in values.items() if value is not None}
    if collection is not None:
        given["collection"] = collection or None
    known = select(User.id).where(User.name == name).with_for_update()
    if session.scalar(known) is None:
        raise _unknown(name)
    if given:
        session.execute(update(User).where(User.name == name).values(**given))


def vouch(
    session: Session, name: str, issuer: str, role: Role, collection: str | None = None
) -> None:
    """Let somebody in whom a provider vouches for, with what their groups give them.

    Args:
        session: in a transaction.
        name: of the user.
        issuer: the provider.
        role: what they may do.
        collection: whose uploads alone they see and decide; None: those of all.

    Raises:
        UserExistsError: if somebody with a password, or of another provider, has that name.
    """
    statement = (
        insert(session, User)
        .values(
            name=name,
            password_hash="",
            issuer=issuer,
            role=role,
            collection=collection,
            created_at=clock.now(session),
        )
        .on_conflict_do_update(
            index_elements=[User.name],
            set_={"role": role, "collection": collection},
            where=User.issuer == issuer,
        )
        .returning(User.id)
    )
    if session.scalar(statement) is None:
        raise UserExistsError(
            f"there is a user {name} with a password, who is not the one of {issuer}. `nophoto "
            f"users remove {name}` makes room"
        )


def remove(session: Session, name: str) -> None:
    """Let somebody log in no longer; their reviews stay.

    Raises:
        UnknownUserError: if there is no such user.
    """
    if session.scalar(delete(User).where(User.name == name).returning(User.id)) is None:
        raise _unknown(name)


def find(session: Session, name: str) -> UserRow | None:
    """The user of this name."""
    row = session.execute(_QUERY.where(User.name == name)).one_or_none()
    return None if row is None else UserRow(*row)


def password_hash(session: Session, name: str) -> str | None:
    """What the password of a user is checked against; None where there is no such user."""
    return session.scalar(select(User.password_hash).where(User.name == name))


def list_all(session: Session) -> list[UserRow]:
    """Every user, by name."""
    return [UserRow(*row) for row in session.execute(_QUERY.order_by(User.name))]


_QUERY = select(User.name, User.role, User.created_at, User.collection)


def _unknown(name: str) -> UnknownUserError:
    return UnknownUserError(f"there is no user {name}; `nophoto users list` shows those there are")
