"""Every write in the audit, under the name of the key that sent it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from threading import Lock

from anyio import to_thread

from nophoto.api.callers import Caller
from nophoto.models import outages
from nophoto.models.records.access import audit
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.lifecycle.uploads import Intake

WRITTEN_EVERY = 60.0
"""Seconds: a platform may send a request for each upload, and the audit is kept for good."""

_log = logging.getLogger(__name__)


class ApiAudit:
    """Notes what keys write; uploads are summed up by key and minute.

    Args:
        database: which keeps it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._uploads: dict[str, Counter[str]] = {}

    def note(self, caller: Caller, subject: str, details: Mapping[str, object]) -> None:
        """Note a request that was answered well."""
        with self._database.transaction() as session:
            audit.note(session, "http", caller.by, subject=subject, details=details)

    def count_uploads(self, caller: Caller, counted: Mapping[Intake, int]) -> None:
        """Count the uploads of a request; `write` notes them."""
        with self._lock:
            self._uploads.setdefault(caller.by, Counter()).update(counted)

    def write(self) -> None:
        """Note the uploads that were counted since the last time."""
        with self._lock:
            counted, self._uploads = self._uploads, {}
        try:
            with self._database.transaction() as session:
                for by, counts in counted.items():
                    details = {str(outcome): counts[outcome] for outcome in Intake}
                    audit.note(session, "http", by, subject="POST /v1/uploads", details=details)
        except DatabaseUnreachableError as error:
            outages.warn(_log, "the audit of uploads is written later", error)
            with self._lock:
                for by, counts in counted.items():
                    self._uploads.setdefault(by, Counter()).update(counts)

    async def keep_writing(self) -> None:
        """Note what is counted, every minute, until it is cancelled."""
        while True:
            await asyncio.sleep(WRITTEN_EVERY)
            await to_thread.run_sync(self.write)
