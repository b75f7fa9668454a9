"""Erasing uploads, so that nothing of them is left but the audit's line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, select, text, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.access import audit, idempotency
from nophoto.models.records.chunks import chunks
from nophoto.models.records.dialects import is_postgresql
from nophoto.models.records.scoring.embeddings import FORGOTTEN, forget
from nophoto.models.records.tables import (
    AllowedPicture,
    AuditAction,
    AuditEntry,
    Base,
    IdempotentAnswer,
    Notice,
    Reference,
    Run,
    RunKind,
    Upload,
)

_ERASED = "an erased upload"
"""What a reference or an allowed picture is called that had an erased upload's key as its name."""

_NAMED = (Reference, AllowedPicture)

_PLAIN = {"synchronize_session": False}

_WATCHED_FOR = timedelta(hours=1)
"""For which a late process is looked for: longer than a chunk, a block or a copy takes."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        keys: of the uploads.
        kept: digests of pictures that the reference set or the allow-list holds as well, where
            they stay.
    """

    keys: list[str]
    kept: list[str]


def erase(
    session: Session, condition: ColumnElement[bool], *, by: str, limit: int, why: str = ""
) -> Erased:
    """Erase the uploads that meet `condition`, some at a time, and all that is known of them.

    A worker that judges one of them at this moment writes nothing of it. All in one transaction:
    either everything is there or nothing.

    Args:
        session: in a transaction.
        condition: which uploads.
        by: who erases them.
        limit: at most so many, the first ones.
        why: for the audit.
    """
    _wait_for_writers(session)
    query = select(Upload.id, Upload.key, Upload.uri, Upload.digest).where(condition)
    rows = session.execute(query.order_by(Upload.id).limit(limit).with_for_update()).all()
    if not rows:
        return Erased([], [])
    ids, keys, uris, found = (list(column) for column in zip(*rows, strict=True))
    digests = sorted({digest for digest in found if digest})
    for some in chunks(ids):
        for table in _tables_of_uploads():
            session.execute(delete(table).where(table.c.upload_id.in_(some)))
        session.execute(delete(Upload).where(Upload.id.in_(some)), execution_options=_PLAIN)
    _erase_notices(session, keys)
    idempotency.erase_keys(session, keys)
    _erase_names(session, keys)
    _erase_from_runs(session, set(keys), set(uris))
    forget(session, digests)
    details = {"uploads": len(ids)} | ({"why": why} if why else {})
    audit.note(session, AuditAction.ERASE, by, details=details)
    return Erased(keys, _kept(session, digests))


def hold_off_erasures(session: Session) -> None:
    """Let nobody erase until this transaction ends, for one that writes of uploads unlocked.

    Many may do so at the same time; SQLite has one writer at a time anyway.
    """
    if is_postgresql(session):
        session.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext('nophoto.erase'))"))


def _wait_for_writers(session: Session) -> None:
    if is_postgresql(session):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('nophoto.erase'))"))


def erased_lately(session: Session) -> bool:
    """Whether something was erased that a process may have read before and be writing of."""
    since = clock.now(session) - _WATCHED_FOR
    query = select(AuditEntry.id).where(
        AuditEntry.action == AuditAction.ERASE, AuditEntry.at > since
    )
    return session.scalar(query.limit(1)) is not None


def still_shown(session: Session, digests: Sequence[str]) -> set[str]:
    """Those of `digests` that an upload or a reference has."""
    found: set[str] = set()
    for some in chunks(digests):
        for holder in (Upload, Reference):
            query = select(holder.digest).where(holder.digest.in_(some))
            found |= {digest for digest in session.scalars(query) if digest}
    return found


def _tables_of_uploads() -> list[Table]:
    """Those whose rows say something of one upload, the ones that depend on others first.

    A table that is added with such a column is erased from as well.
    """
    return [table for table in reversed(Base.metadata.sorted_tables) if "upload_id" in table.c]


def known_tables() -> set[str]:
    """The names of the tables from which `erase` takes all that they hold of an upload."""
    changed = (Upload, Notice, Run, IdempotentAnswer, *_NAMED, *FORGOTTEN)
    tables = {table.__tablename__ for table in changed}
    tables |= {table.name for table in _tables_of_uploads()}
    for table in Base.metadata.sorted_tables:  # those that others refer to come first
        if any(
            key.column.table.name in tables and key.ondelete == "CASCADE"
            for key in table.foreign_keys
        ):
            tables.add(table.name)
    return tables


def _erase_notices(session: Session, keys: Sequence[str]) -> None:
    key = Notice.event["data"]["key"].as_string()
    for some in chunks(keys):
        session.execute(delete(Notice).where(key.in_(some)), execution_options=_PLAIN)


def _erase_names(session: Session, keys: Sequence[str]) -> None:
    """References and allowed pictures that were made of an upload are called by its key."""
    for some in chunks(keys):
        for table in _NAMED:
            named = list(session.scalars(select(table.id).where(table.name.in_(some))))
            if named:
                statement = update(table).where(table.id.in_(named)).values(name=_ERASED)
                session.execute(statement, execution_options=_PLAIN)


def _erase_from_runs(session: Session, keys: set[str], uris: set[str]) -> None:
    """A rescoring may be of named uploads, and a retraining names files that it could not read."""
    asked = Run.parameters[("filters", "keys")].as_string().is_not(None)
    for run_id, parameters in session.execute(select(Run.id, Run.parameters).where(asked)).all():
        filters = parameters["filters"]
        if keys & {*filters["keys"]}:
            left = [_ERASED if key in keys else key for key in filters["keys"]]
            _change_run(
                session, run_id, parameters={**parameters, "filters": filters | {"keys": left}}
            )
    ended = Run.kind == RunKind.RETRAIN, Run.result.is_not(None)
    for run_id, result in session.execute(select(Run.id, Run.result).where(*ended)).all():
        named = (result or {}).get("unreadable_files", {})
        if uris & named.keys():
            left_files = {uri: reason for uri, reason in named.items() if uri not in uris}
            changed = {**(result or {}), "unreadable_files": left_files}
            _change_run(session, run_id, result=changed)


def _change_run(session: Session, run_id: int, **values: object) -> None:
    session.execute(update(Run).where(Run.id == run_id).values(**values), execution_options=_PLAIN)


def _kept(session: Session, digests: Sequence[str]) -> list[str]:
    found: set[str] = set()
    for some in chunks(digests):
        for holder in _NAMED:
            found |= set(session.scalars(select(holder.digest).where(holder.digest.in_(some))))
    return sorted(found)
