"""Pruning: batches until nothing is left to delete, or the time is up."""

from dataclasses import dataclass
from time import monotonic

from nophoto.models.records import collections, references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle import erased_keys, pruning
from nophoto.models.records.lifecycle.pruning import Retention
from nophoto.worker.maintenance.erasures import complete_erasures
from nophoto.worker.settings import Settings


@dataclass(slots=True)
class Pruned:
    """What was deleted, or would be.

    Attributes:
        after_id: up to which upload histories are thinned.
        is_done: whether nothing is left to do.
    """

    scores: int = 0
    embeddings: int = 0
    changes: int = 0
    uploads: int = 0
    cohort: int = 0
    after_id: int = 0
    is_done: bool = False


def prune(
    database: Database,
    settings: Settings,
    *,
    after_id: int = 0,
    seconds: float = float("inf"),
    dry_run: bool = False,
) -> Pruned:
    """Delete old history, embeddings of retired model versions, and what old runs found.

    Also what a collection keeps for so many days, uploads with all that is known of them.

    Each batch is a transaction of its own, so that uploads never wait for more than one, and a
    call that is ended has lost nothing.

    Args:
        database: migrated.
        settings: how long things are kept.
        after_id: where an earlier call stopped.
        seconds: after which it stops between two batches.
        dry_run: whether only to count.
    """
    retention = Retention(settings.history_days, settings.changes_days)
    done = Pruned(after_id=after_id)
    deadline = monotonic() + seconds
    if dry_run:
        with database.reading() as session:
            done.changes = pruning.forget_changes(session, retention, dry_run=True)
            done.embeddings = pruning.drop_embeddings(session, dry_run=True)
    while not dry_run and monotonic() < deadline:
        with database.transaction() as session:
            changes = pruning.forget_changes(session, retention)
            embeddings = pruning.drop_embeddings(session)
        done.changes += changes
        done.embeddings += embeddings
        if not changes + embeddings:
            break
    if not dry_run:
        with database.transaction() as session:
            erased_keys.forget(session, settings.erased_days)
    with database.reading() as session:
        last = pruning.last_upload_id(session)
        # A dry run erases nothing, and counting it would read every upload.
        kept_for = [] if dry_run else collections.list_all(session)
    while done.after_id < last and monotonic() < deadline:
        with database.transaction() as session:
            done.scores += pruning.thin_history(session, retention, done.after_id, dry_run=dry_run)
            forgotten = pruning.forget_collections(session, kept_for, done.after_id)
        done.uploads += forgotten.uploads
        done.scores += forgotten.scores
        done.cohort += forgotten.cohort
        done.after_id += pruning.UPLOADS_AT_ONCE
    done.is_done = done.after_id >= last
    if done.uploads:
        complete_erasures(database, settings)
    if done.cohort:
        with database.transaction() as session:
            references.note_calibration(session, by=pruning.BY)
    return done
