"""Erasing knows every place where the tables keep something of an upload."""

from sqlalchemy import JSON, Enum, LargeBinary, String

from nophoto.models.records.lifecycle import erasing
from nophoto.models.records.tables import Base

OF_NO_UPLOAD = {
    # People, places and words of an operator's own.
    "api_keys": {"name", "prefix", "digest", "scopes", "rate", "created_by"},
    "audit": {"by", "action", "subject", "details"},
    "collections": {"name", "kinds", "webhook"},
    "console_sessions": {"token_hash", "user", "fingerprint"},
    "pending_logins": {"state_hash", "nonce", "verifier", "following"},
    "model_versions": {"id", "digest", "backbone", "metrics", "location"},
    "promotions": {"by", "reason", "gate"},
    "reference_set_versions": {"by"},
    "run_chunks": {"tally"},
    "shadows": {"by", "ended_because"},
    "subscriptions": {"channel", "closed_because"},
    "users": {"name", "password_hash", "issuer", "collection"},
    "workers": {"host", "lanes", "task"},
    # What leads back to a key only with the key in hand, for some days.
    "erased_keys": {"digest"},
    "erasure_secrets": {"secret"},
}
"""Columns that can hold text or bytes and hold nothing of an upload."""


def test_every_table_is_erased_from_or_holds_nothing_of_an_upload() -> None:
    """Fails where a table is added: erase from it in records/lifecycle/erasing.py, or name it.

    A table with a column `upload_id` is erased from by itself.
    """
    known = erasing.known_tables()
    unknown = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if table.name not in known
        for column in table.c
        if isinstance(column.type, String | JSON | LargeBinary)
        and not isinstance(column.type, Enum)
        and not column.foreign_keys
        and column.name not in OF_NO_UPLOAD.get(table.name, ())
    ]
    assert unknown == []


def test_what_is_said_to_hold_nothing_of_an_upload_is_there() -> None:
    tables = Base.metadata.tables
    for name, columns in OF_NO_UPLOAD.items():
        assert columns <= {*tables[name].c.keys()}, name
        assert name not in erasing.known_tables()
