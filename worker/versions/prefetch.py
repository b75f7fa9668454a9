"""A model version that is fetched while the one before goes on judging."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from nophoto.models.records.versions.model_versions import ModelVersionRow
from nophoto.models.vision.versions import ModelVersion
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import open_registered

RETRIED_AFTER = 10.0
"""Seconds after a fetch that failed."""


class VersionPrefetcher:
    """Fetches the version that is to judge next; one thread at a time may ask.

    Args:
        settings: where this host keeps its copies.
        now: seconds on a clock that never goes back.
    """

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._fetch: _Fetch | None = None
        self._failed_at: float | None = None

    def forget(self) -> None:
        """Have a version looked for again by who asks next: its copy may be gone by then."""
        self._fetch, self._failed_at = None, None

    def retry_later(self) -> None:
        """Have the version that came fetched again after a while: it could not be opened."""
        self._failed_at = self._now()

    def ask(self, row: ModelVersionRow) -> ModelVersion | None:
        """The version of a row, once it is here; until then None, and it is being fetched.

        Raises:
            ModelVersionError: once for each time that it could not be fetched.
        """
        if self._fetch is None or self._fetch.row.id != row.id:
            # One that was asked for before and is not wanted any more ends by itself.
            self._fetch, self._failed_at = _Fetch(row, self._settings), None
        elif self._failed_at is not None:
            if self._now() - self._failed_at < RETRIED_AFTER:
                return None
            self._fetch, self._failed_at = _Fetch(row, self._settings), None
        if not self._fetch.result.done():
            return None
        if self._fetch.result.exception():
            self._failed_at = self._now()
        return self._fetch.result.result()


class _Fetch:
    def __init__(self, row: ModelVersionRow, settings: Settings) -> None:
        self.row = row
        self.result: Future[ModelVersion] = Future()
        self._settings = settings
        # A daemon: a store that hangs does not keep its process from ending.
        Thread(target=self._run, name="fetch-version", daemon=True).start()

    def _run(self) -> None:
        try:
            version = open_registered(self.row, self._settings)
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self.result.set_exception(error)
        else:
            self.result.set_result(version)
