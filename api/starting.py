"""Whether the server may start: its tables, its rate, and who would reach it."""

from nophoto.jobs.operations.api_keys import ApiKeyError, check_rate
from nophoto.migrations import check
from nophoto.models.records.access import api_keys
from nophoto.models.records.database import Database
from nophoto.worker.settings import Settings


class NotSafeError(ApiKeyError):
    """The server would be open to others."""


def check_start(settings: Settings, *, is_local: bool) -> None:
    """Make sure that a server may start.

    Args:
        settings: of the server.
        is_local: whether only this machine would reach it.

    Raises:
        ApiKeyError: if NOPHOTO_API_RATE cannot be read.
        DatabaseNotMigratedError: if the database is not at the newest revision.
        NotSafeError: if others would reach it, and there is no key, or no proxy that speaks HTTPS.
    """
    check(settings.effective_database_url)
    if settings.api_rate:
        check_rate(settings.api_rate)
    if is_local:
        return
    if not settings.api_proxies:
        raise NotSafeError(
            "other machines would reach the API, and keys would travel in the clear. Put a proxy "
            "that speaks HTTPS before it, and name its address in NOPHOTO_API_PROXIES; or listen "
            "at 127.0.0.1"
        )
    database = Database(settings.effective_database_url)
    with database.reading() as session:
        has_key = api_keys.any_usable(session)
    database.close()
    if not has_key:
        raise NotSafeError(
            "other machines would reach the API, and there is no key yet. Make one: `nophoto "
            "keys add NAME --scope uploads:write`"
        )
