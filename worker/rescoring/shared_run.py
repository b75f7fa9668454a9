"""A run that several workers hold at once: kept, locked and reported by each of them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

from sqlalchemy.orm import Session

from nophoto.models.records import clock, runs
from nophoto.models.records.database import Database
from nophoto.models.records.rescoring import chunks
from nophoto.models.records.rescoring.chunks import ClaimedChunk
from nophoto.models.records.retrying import write
from nophoto.models.records.runs import ClaimedRun
from nophoto.models.records.runs.documents import RescoreProgress
from nophoto.worker.concurrency.lease_renewal import renew_in_background
from nophoto.worker.rescoring.progress import measure

HELPERS = 16
"""Workers that take part in one run, at most: a message for each goes round."""


class RunLostError(Exception):
    """The run was paused, cancelled or taken over: what was being written is not."""


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run that this worker holds, alone or beside others.

    Attributes:
        database: where it is.
        run: as it was claimed or joined.
        lease_seconds: after which others may take it up, unless it is renewed.
    """

    database: Database
    run: ClaimedRun
    lease_seconds: float

    def keep(self, claimed: Sequence[ClaimedChunk] = ()) -> AbstractContextManager[object]:
        """Renew the run and chunks of it from a thread while the block runs."""

        def renew(session: Session) -> None:
            # In the order in which `report` writes them, so that neither waits in a ring.
            if claimed:
                chunks.renew(session, claimed, self.lease_seconds)
            runs.renew(session, self.run.token, self.lease_seconds)

        return renew_in_background(self.database, renew, self.lease_seconds)

    def lock(self, session: Session) -> RescoreProgress:
        """The progress of the run, which nobody else writes until the transaction ends.

        Raises:
            RunLostError: if the run is not held any more.
        """
        progress = runs.lock(session, self.run.token)
        if progress is None:
            raise RunLostError
        return cast(RescoreProgress, progress)

    def report(self, done: int, keep: Callable[[Session], bool]) -> None:
        """Keep what came of chunks and how far the run is, both or neither.

        Args:
            done: by so many uploads the run is further.
            keep: writes what came of the chunks, and says whether they still were this worker's.

        Raises:
            RunLostError: if a chunk or the run is not held any more.
        """

        def work(session: Session) -> None:
            if not keep(session):
                raise RunLostError
            # Last, since every worker on the run waits for this row.
            progress = self.lock(session)
            now = clock.now(session)
            progress["done"] += done
            measure(progress, now)
            runs.report_and_renew(session, self.run.token, progress, now, self.lease_seconds)

        write(self.database, work, self.lease_seconds)
