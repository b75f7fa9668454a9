"""Keys of the HTTP API. Of their secrets the database sees digests alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import ApiKey, Scope
from nophoto.models.records.text import storable

_USE_NOTED_EVERY = timedelta(minutes=1)
"""A key that is used all the time is written once a minute, not with every request."""


class UnknownApiKeyError(NophotoError):
    """No key of the HTTP API has this name."""


class ApiKeyExistsError(NophotoError):
    """A key of this name exists, or existed."""


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key to add.

    Attributes:
        digest: SHA-256 of the secret in hexadecimal.
        prefix: the first characters of the secret.
        rate: requests that it allows; None for the default.
        expires_in: None for a key that does not expire.
    """

    name: str
    prefix: str
    digest: str
    scopes: Collection[Scope]
    created_by: str
    rate: str | None = None
    expires_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key, without the digest of its secret.

    Attributes:
        is_usable: neither revoked nor expired, by the database's clock.
    """

    id: int
    name: str
    prefix: str
    scopes: frozenset[Scope]
    rate: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    is_usable: bool


def add(session: Session, new: NewApiKey) -> ApiKeyRow:
    """Store a key.

    Raises:
        ApiKeyExistsError: if the name is taken, be it by a revoked key.
    """
    now = clock.now(session)
    statement = (
        insert(session, ApiKey)
        .values(
            name=new.name,
            prefix=new.prefix,
            digest=new.digest,
            scopes=" ".join(sorted(new.scopes)),
            rate=new.rate,
            created_at=now,
            created_by=storable(new.created_by)[:255],
            expires_at=None if new.expires_in is None else now + new.expires_in,
        )
        .on_conflict_do_nothing(index_elements=[ApiKey.name])
        .returning(ApiKey.id)
    )
    if session.scalar(statement) is None:
        raise ApiKeyExistsError(
            f"a key {new.name} exists already, or was revoked; choose another name. "
            "`nophoto keys list --all` shows them"
        )
    (row,) = (row for row in list_all(session) if row.name == new.name)
    return row


def find(session: Session, digest: str) -> ApiKeyRow | None:
    """The key whose secret has this digest, even a revoked or an expired one."""
    row = session.scalars(select(ApiKey).where(ApiKey.digest == digest)).one_or_none()
    return None if row is None else _row(row, clock.now(session))


def list_all(session: Session) -> list[ApiKeyRow]:
    """Every key by its name, revoked and expired ones too."""
    now = clock.now(session)
    return [_row(row, now) for row in session.scalars(select(ApiKey).order_by(ApiKey.name))]


def any_usable(session: Session) -> bool:
    """Whether a key exists that is neither revoked nor expired."""
    return any(row.is_usable for row in list_all(session))


def revoke(session: Session, name: str) -> bool:
    """Let a key allow nothing any more.

    Returns:
        Whether this call revoked it; it was revoked before otherwise.

    Raises:
        UnknownApiKeyError: if there is none of this name.
    """
    if session.scalar(select(ApiKey.id).where(ApiKey.name == name)) is None:
        raise UnknownApiKeyError(
            f"there is no key {name}; `nophoto keys list --all` shows those that exist"
        )
    statement = (
        update(ApiKey)
        .where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
        .values(revoked_at=clock.now(session))
        .returning(ApiKey.id)
    )
    return session.scalar(statement) is not None


def is_use_due(key: ApiKeyRow, now: datetime) -> bool:
    """Whether the use of `key` at `now` is to be written."""
    return key.last_used_at is None or now - key.last_used_at >= _USE_NOTED_EVERY


def note_use(session: Session, key_id: int) -> None:
    """Write that a key was used now, unless that was written within the last minute."""
    now = clock.now(session)
    session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - _USE_NOTED_EVERY),
        )
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def _row(row: ApiKey, now: datetime) -> ApiKeyRow:
    is_expired = row.expires_at is not None and row.expires_at <= now
    known = {*Scope}
    return ApiKeyRow(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        # A later nophoto may know more scopes; to this one they allow nothing.
        scopes=frozenset(Scope(word) for word in row.scopes.split() if word in known),
        rate=row.rate,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        is_usable=row.revoked_at is None and not is_expired,
    )
