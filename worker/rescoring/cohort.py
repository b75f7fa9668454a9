"""Renewing the platform's part of the cohort, as a rescoring of everything begins."""

import logging
from random import SystemRandom

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.matching import cohort
from nophoto.models.records.versions import model_versions

_log = logging.getLogger(__name__)


def refresh_cohort(database: Database) -> None:
    """Let uploads that were judged real since the last time into the sample, some of them.

    Where that changes reaches the reference set gets a version, so that every worker calibrates
    again and the rescoring applies it.
    """
    with database.transaction() as session:
        active = model_versions.active(session)
        if active is None:
            return
        done = cohort.refresh(session, active.id, SystemRandom())
        if not done.changes_reaches:
            return
        version = references.note_calibration(session, by="nophoto")
    _log.info(
        "the cohort has %d of the platform's pictures now (%d new, %d gone): version %d of the set",
        done.size,
        done.added,
        done.removed,
        version,
    )
