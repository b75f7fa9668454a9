"""Working on a run that this process holds: signs of life, progress, and every way it may end."""

import logging
from time import monotonic
from types import TracebackType
from typing import Self, cast

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from nophoto.models import outages
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.retrying import write
from nophoto.models.records.runs import ClaimedRun, RunToken, Signal
from nophoto.models.records.runs.documents import RetrainProgress, RetrainResult
from nophoto.worker.concurrency.lease_renewal import renew_in_background
from nophoto.worker.settings import Settings

_LEASES = 4
"""As long as so many leases of a chunk: a training imports and exports for many seconds without
coming to anything else."""

_REPORTED_EVERY = 1.0
"""Seconds; a picture takes milliseconds."""

_DATABASE_TIMEOUT = 600.0
"""Seconds that the end of a run waits for a database that is away."""

_log = logging.getLogger(__name__)


def lease_of(settings: Settings) -> float:
    """Seconds for which a run is held from a sign of life on."""
    return _LEASES * settings.lease_seconds


class RunStoppedError(NophotoError):
    """Somebody paused or cancelled the run, or another process has taken it over."""


class RunFailedError(NophotoError):
    """The machine had no room for the run, on a disk or in memory, or no permission."""


class LeasedRun:
    """A run in this process's hands while the block runs.

    At the end of the block it is failed with the error that ended it, if one did, which leaves the
    block as a `RunFailedError` where disk or memory were short; after Ctrl-C it
    is paused, and after SystemExit queued again. What is killed without a word is taken over by
    another once the lease has passed.

    Args:
        database: that the run is in.
        claimed: the run.
        lease: seconds, as it was claimed with.
    """

    def __init__(self, database: Database, claimed: ClaimedRun, lease: float) -> None:
        self._lease = lease
        self._database = database
        self._run = claimed
        self._progress = cast(RetrainProgress, dict(claimed.progress or {}))
        self._reported = -_REPORTED_EVERY
        self._signal: Signal | None = Signal.GO_ON
        self._renewal = renew_in_background(database, self._renew, lease)

    @property
    def token(self) -> RunToken:
        """What its holder shows."""
        return self._run.token

    def check(self) -> None:
        """Go on, or learn that this process must not.

        Raises:
            RunStoppedError: if somebody paused or cancelled the run, or took it over.
        """
        if self._signal is not Signal.GO_ON:
            became = {Signal.PAUSE: "paused", Signal.CANCEL: "cancelled"}
            how = became[self._signal] if self._signal else "taken over by another process"
            raise RunStoppedError(f"run {self._run.id} was {how}")

    def report(self, progress: RetrainProgress, *, at_once: bool = False) -> None:
        """Note how far it has come, once a second at most unless it is to be `at_once`.

        Raises:
            RunStoppedError: as `check` does.
        """
        self.check()
        self._progress |= progress
        if not at_once and monotonic() - self._reported < _REPORTED_EVERY:
            return
        self._reported = monotonic()
        try:
            with self._database.transaction() as session:
                if not runs.report_progress(session, self.token, self._progress):
                    self._signal = runs.renew(session, self.token, self._lease)
        except (DatabaseUnreachableError, OperationalError) as error:
            outages.warn(_log, "progress was not written", error)
        self.check()

    def finish(self, result: RetrainResult) -> None:
        """End it with its result.

        Raises:
            RunStoppedError: if it was stopped in the last moment.
        """

        def end(session: Session) -> Signal | None:
            done = runs.finish(session, self.token, result)
            return Signal.GO_ON if done else runs.renew(session, self.token, self._lease)

        self._signal = write(self._database, end, _DATABASE_TIMEOUT)
        self.check()

    def __enter__(self) -> Self:
        self._renewal.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self._renewal.__exit__(None, None, None)
        if error is None or isinstance(error, RunStoppedError):
            return

        def end(session: Session) -> None:
            if isinstance(error, KeyboardInterrupt):
                runs.hold(session, self.token, self._progress)
            elif isinstance(error, SystemExit):
                if runs.hold(session, self.token, self._progress):
                    runs.resume(session, self._run.id)
            else:
                runs.fail(session, self.token, _sentence(error, self._run.id))

        write(self._database, end, _DATABASE_TIMEOUT)
        if isinstance(error, OSError | MemoryError):
            raise RunFailedError(_sentence(error, self._run.id)) from error

    def _renew(self, session: Session) -> None:
        self._signal = runs.renew(session, self.token, self._lease)


def _sentence(error: BaseException, run_id: int) -> str:
    if isinstance(error, NophotoError):
        return str(error)
    remedy = f"`nophoto runs resume {run_id}` goes on from the last epoch"
    if isinstance(error, OSError):
        name = error.filename or "a file of the training"
        return (
            f"{name} cannot be read or written ({error.strerror or error}). Make room on its disk "
            f"or give the permission; {remedy}"
        )
    if isinstance(error, MemoryError):
        return f"there was too little memory. Give the training more; {remedy}"
    return f"{type(error).__name__}: {error}. This is a defect; the log has the traceback"
