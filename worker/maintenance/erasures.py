"""Completing erasures: copies in files of this host."""

import logging
from collections import defaultdict
from pathlib import Path

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle import erasing
from nophoto.worker.settings import Settings

_log = logging.getLogger(__name__)


def complete_erasures(database: Database, settings: Settings) -> None:
    """Remove copies of uploads that were erased lately; costs one query where none were."""
    with database.reading() as session:
        is_recent = erasing.erased_lately(session)
    if is_recent:
        remove_copies(database, settings)
        database.drop_old_pages()


def remove_copies(database: Database, settings: Settings) -> int:
    """Delete this host's copies of pictures that no upload and no reference shows any more.

    A retraining copies what it learns below its run's folder, each file named by its digest.

    Returns:
        How many files.
    """
    copies: dict[str, list[Path]] = defaultdict(list)
    for file in (settings.home_folder / "runs").glob("*/data*/*/*/*"):
        copies[file.name].append(file)
    if not copies:
        return 0
    with database.reading() as session:
        shown = erasing.still_shown(session, sorted(copies))
    gone = [file for digest, files in copies.items() if digest not in shown for file in files]
    for file in gone:
        file.unlink(missing_ok=True)
    if gone:
        _log.info("removed %d copies of erased pictures below %s", len(gone), settings.home_folder)
    return len(gone)
