"""Who may log in to the console: passwords are kept as Argon2 hashes, and never printed."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.models.records import collections
from nophoto.models.records.access import users
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Role

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST_PASSWORD = 8
"""Characters; the attempts are limited, so that guessing eight of them takes for ever."""

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody whose password was right.

    Attributes:
        name, role: who they are, and what they may do.
        password_fingerprint: another password has another one, and none can be told from it.
    """

    name: str
    role: Role
    password_fingerprint: str


class UserError(NophotoError):
    """A name or a password that cannot be taken."""


class ConsoleNotInstalledError(NophotoError):
    """What the console needs is not installed."""


def add_user(
    database: Database, name: str, password: str, role: Role, collection: str | None = None
) -> None:
    """Let somebody log in.

    Args:
        database: migrated.
        name: of the user.
        password: of which a hash is kept.
        role: what they may do.
        collection: whose uploads alone they see and decide, on the page Review; None: all pages.

    Raises:
        UnknownCollectionError: if there is no such collection.
        UserError: if the name or the password cannot be taken.
        UserExistsError: if the name is taken.
    """
    if not name or name != name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise UserError(
            f"{name!r} is no name for a user; use one to {LONGEST_NAME} printable characters "
            "without spaces around them"
        )
    hashed = _hash(password)
    with database.transaction() as session:
        _check(session, collection, role)
        users.add(session, name, hashed, role, collection)


def change_user(
    database: Database,
    name: str,
    *,
    password: str | None = None,
    role: Role | None = None,
    collection: str | None = None,
) -> None:
    """Give a user another password, another role or another collection; empty: all of them.

    Raises:
        UnknownCollectionError: if there is no such collection.
        UserError: if the password cannot be taken.
        UnknownUserError: if there is no such user.
    """
    hashed = None if password is None else _hash(password)
    with database.transaction() as session:
        known = users.find(session, name)
        after = known.collection if known and collection is None else collection
        _check(session, after or None, role or (known.role if known else Role.VIEWER))
        users.change(session, name, password_hash=hashed, role=role, collection=collection)


def _check(session: Session, collection: str | None, role: Role) -> None:
    if collection is None:
        return
    collections.get(session, collection)
    if role == Role.ENGINEER:
        raise UserError(
            "an engineer works on what serves all collections; leave the collection out, or let "
            "them be a moderator"
        )


def remove_user(database: Database, name: str) -> None:
    """Let a user log in no longer, and end their sessions.

    Raises:
        UnknownUserError: if there is no such user.
    """
    with database.transaction() as session:
        users.remove(session, name)


def check_password(database: Database, name: str, password: str) -> Login | None:
    """The user of this name if the password is theirs.

    An unknown name takes as long as a wrong password, so that the time tells no names.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    with database.reading() as session:
        stored = users.password_hash(session, name)
        user = users.find(session, name)
    try:
        _hasher().verify(stored or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return None
    return Login(user.name, user.role, _fingerprint(stored)) if user and stored else None


def fingerprint_of(database: Database, name: str) -> str | None:
    """The fingerprint of a user's password; None where there is no such user."""
    with database.reading() as session:
        stored = users.password_hash(session, name)
    return None if stored is None else _fingerprint(stored)


def _fingerprint(stored: str) -> str:
    return sha256(stored.encode()).hexdigest()


def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise UserError(f"the password is too short; use at least {SHORTEST_PASSWORD} characters")
    return _hasher().hash(password)


@cache
def _hasher() -> "PasswordHasher":
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise ConsoleNotInstalledError(
            f"the console is not installed here. Run `{install_command('console')}`"
        ) from error
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody's password")
