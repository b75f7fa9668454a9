"""The Celery tasks. Their names are what backends and the sweep send messages to."""

import logging
from time import monotonic
from typing import TYPE_CHECKING, Any

from celery import Celery

from nophoto.models import outages
from nophoto.models.records.database import DatabaseUnreachableError
from nophoto.models.records.lifecycle import refusals
from nophoto.models.records.lifecycle.admission import shown_key
from nophoto.models.records.lifecycle.refusals import Refused
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.tables import Lane
from nophoto.models.vocabulary import RefusalCode
from nophoto.worker.broker.task import task
from nophoto.worker.context import WorkerContext
from nophoto.worker.dispatch.ingest import NotPublishedError, ingest_uploads
from nophoto.worker.maintenance.sweeper import sweep
from nophoto.worker.tasks.retraining import register_retrain
from nophoto.worker.tasks.runs import register_run_tasks
from nophoto.worker.telemetry.logs import log_event

if TYPE_CHECKING:
    from nophoto.worker.scoring.chunk import ChunkReport

_INSERTED_AT_ONCE = 1_000
_MOST = 10_000
"""Ids or uploads in one message; what holds more was made to fill memory, or by mistake."""

_RETRIED_AFTER = 5.0
"""Seconds."""

_log = logging.getLogger(__name__)


def register(app: Celery, context: WorkerContext) -> None:
    """Make `app` know the tasks, which work with what is in `context`.

    A message that cannot be understood is refused in the log and done with: sent again, it would
    be no better.
    """

    @task(app, "nophoto.score_chunk")
    def score_chunk(ids: Any = None, *_: Any, **__: Any) -> None:
        """Judge the uploads of these row ids that wait."""
        if not _is_list(ids) or not all(type(i) is int and 0 < i < 2**63 for i in ids):
            _log.error(
                "refused a message of nophoto.score_chunk: it holds no list of at most %d row ids",
                _MOST,
            )
            return

        def on_written(report: "ChunkReport") -> None:
            log_event(
                _log,
                "chunk",
                ids=len(ids),
                claimed=report.claimed,
                judged=report.judged,
                failed=report.failed,
                written=report.written,
                embedded=report.embedded,
                seconds=report.seconds,
                chunk=report.chunk or "none",
            )

        context.chunks.run(ids, on_written)

    @task(app, "nophoto.score", bind=True)
    def score(
        self: Any, items: Any = None, lane: Any = Lane.INTERACTIVE, *_: Any, **__: Any
    ) -> None:
        """Take in uploads that a backend sends as [{"key": …, "uri": …}], and publish them."""
        if not _is_list(items) or lane not in list(Lane):
            _log.error(
                "refused a message of nophoto.score: it takes a list of at most %d uploads and one "
                "of the lanes %s",
                _MOST,
                ", ".join(Lane),
            )
            reason = "a message of nophoto.score that is not a list of uploads and a known lane"
            _tell([Refused("", reason)], context)
            return
        uploads, malformed = _uploads(items)
        for start in range(0, len(uploads), _INSERTED_AT_ONCE):
            some = uploads[start : start + _INSERTED_AT_ONCE]
            try:
                added = ingest_uploads(
                    context.database,
                    app,
                    some,
                    Lane(lane),
                    context.settings.chunk_size,
                    erased_days=context.settings.erased_days,
                )
            except DatabaseUnreachableError as error:
                # Until its uploads are in the database, the message is all there is of them.
                outages.warn(_log, "uploads are taken in later", error)
                raise self.retry(exc=error, countdown=_RETRIED_AFTER) from error
            except NotPublishedError as error:  # they are stored, and the sweep sends them
                outages.warn(_log, "workers were not told of uploads", error)
                added = error.added
            for refused in added.refused:
                # The log would keep what was erased.
                key = "of an erased key" if refused.code == RefusalCode.ERASED else refused.key
                _log.error("refused the upload %.200r: %s", key, refused.reason)
            log_event(
                _log,
                "uploads",
                new=added.new,
                known=added.known,
                replaced=added.replaced,
                refused=len(added.refused),
            )
        _tell(malformed, context)

    @task(app, "nophoto.sweep")
    def sweep_uploads(*_: Any, **__: Any) -> None:
        """Send messages again for uploads that nobody works on."""
        started = monotonic()
        report = sweep(context.database, app, context.settings)
        if report.sent or report.given_up:
            log_event(
                _log,
                "sweep",
                sent=report.sent,
                given_up=report.given_up,
                seconds=monotonic() - started,
            )

    register_run_tasks(app, context)
    register_retrain(app, context)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST


def _uploads(items: list[Any]) -> tuple[list[NewUpload], list[Refused]]:
    """The uploads in a message, and what is none."""
    found: list[NewUpload] = []
    malformed: list[Refused] = []
    for item in items:
        key, uri = (item.get("key"), item.get("uri")) if isinstance(item, dict) else (None, None)
        if isinstance(key, str) and isinstance(uri, str):
            rest = (item.get(name) for name in ("version", "metadata", "collection"))
            found.append(NewUpload(key, uri, *rest))
        else:
            _log.error("refused the upload %.200r: it needs the texts `key` and `uri`", item)
            shown = shown_key(key) if isinstance(key, str) else ""
            malformed.append(Refused(shown, "it needs the texts `key` and `uri`"))
    return found, malformed


def _tell(refused: list[Refused], context: WorkerContext) -> None:
    if not refused:
        return
    try:
        with context.database.transaction() as session:
            refusals.note(session, refused)
    except DatabaseUnreachableError as error:
        # The log has them; the sound uploads of the message are more urgent.
        outages.warn(_log, "refused uploads were not counted", error)
