"""Keys of the HTTP API: made once, shown once, stored as digests."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.models.records.access import api_keys
from nophoto.models.records.access.api_keys import ApiKeyRow, NewApiKey
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Scope

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_BEGIN = "nophoto_"
"""By this word secret scanners and people recognise a key that lies where it should not."""

_SHOWN = len(_BEGIN) + 6
"""Characters of a secret that are shown in lists."""


class ApiKeyError(NophotoError):
    """What was asked of a key cannot be done."""


class ApiNotInstalledError(NophotoError):
    """What the HTTP API needs is not installed."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key; the secret is known now and never again."""

    secret: str
    row: ApiKeyRow


def add_key(
    database: Database,
    name: str,
    scopes: Collection[Scope],
    *,
    by: str,
    days: float | None = None,
    rate: str | None = None,
) -> MadeKey:
    """Make a key.

    Args:
        database: that knows it from now on.
        name: by which the audit names it.
        scopes: what it allows.
        by: who makes it.
        days: after which it expires; None for never.
        rate: requests that it allows, such as `100/second`; None for `NOPHOTO_API_RATE`.

    Raises:
        ApiKeyError: if the name, the scopes, the days or the rate cannot be taken.
        ApiKeyExistsError: if the name is taken.
    """
    if not _NAME.fullmatch(name):
        raise ApiKeyError(
            f"{name!r} cannot be the name of a key; use one to 63 small letters, digits, dots, "
            "hyphens and underscores"
        )
    if not scopes:
        raise ApiKeyError(
            f"a key without a scope allows nothing; name one or more by --scope: {', '.join(Scope)}"
        )
    if days is not None and not 0 < days <= 36_500:
        raise ApiKeyError("a key expires after more than 0 and at most 36500 days")
    if rate is not None:
        check_rate(rate)
    secret = _BEGIN + secrets.token_urlsafe(32)
    new = NewApiKey(
        name=name,
        prefix=secret[:_SHOWN],
        digest=digest_of(secret),
        scopes=scopes,
        created_by=by,
        rate=rate,
        expires_in=None if days is None else timedelta(days=days),
    )
    with database.transaction() as session:
        return MadeKey(secret, api_keys.add(session, new))


def revoke_key(database: Database, name: str) -> bool:
    """Let a key allow nothing any more; servers follow within ten seconds.

    Returns:
        Whether this call revoked it.

    Raises:
        UnknownApiKeyError: if there is none of this name.
    """
    with database.transaction() as session:
        return api_keys.revoke(session, name)


def digest_of(secret: str) -> str:
    """What the database knows of a secret."""
    return sha256(secret.encode(errors="surrogateescape")).hexdigest()


def check_rate(rate: str) -> None:
    """Make sure that a rate can be understood.

    Raises:
        ApiKeyError: if it cannot.
        ApiNotInstalledError: if what understands rates is not installed.
    """
    try:
        from limits import parse_many
    except ImportError as error:
        raise api_not_installed() from error
    try:
        parse_many(rate)
    except ValueError as error:
        raise ApiKeyError(
            f"{rate!r} cannot be read as a rate; write 100/second, or several such as "
            "`100/second;2000/minute`"
        ) from error


def api_not_installed() -> ApiNotInstalledError:
    """The error that says what to install."""
    return ApiNotInstalledError(
        f"the HTTP API is not installed here. Run `{install_command('api')}`"
    )
