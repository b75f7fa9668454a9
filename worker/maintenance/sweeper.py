"""Sending messages again for uploads that nobody works on."""

import logging
from dataclasses import dataclass

from celery import Celery

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.scoring.sweep import due, give_up
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import shadows
from nophoto.worker.broker.publisher import (
    publish_chunks,
    publish_run,
    publish_shadow,
    waiting,
)
from nophoto.worker.maintenance.erasures import complete_erasures
from nophoto.worker.maintenance.live_guard import guard_references
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.metrics import count_sweep

_MOST = 20_000
"""Uploads of one sweep: some minutes' work for a few workers."""

_ENOUGH = 100
"""Messages in a lane that keep its workers busy until the next sweep.

Where so many wait, nothing was lost that cannot wait for them; sending it now would only fill the
broker with messages for uploads that have one.
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many uploads a sweep sent messages for, and how many it failed as `crashed`."""

    sent: int
    given_up: int


def sweep(database: Database, app: Celery, settings: Settings) -> SweepReport:
    """Ring for uploads whose message was lost or whose worker was, and give up hopeless ones.

    References that suddenly claim far more than they did are quarantined, a shadow run goes on, and
    erasures that were interrupted are completed.

    Raises:
        BrokerUnreachableError: if the broker does not answer; a later sweep sends them.
    """
    with database.transaction() as session:
        given_up = give_up(session, settings.max_attempts, settings.lease_seconds)
    guard_references(database, app, settings)
    short = [lane for lane in Lane if waiting(app, lane) < _ENOUGH]
    with database.transaction() as session:
        found = due(session, _MOST, settings.lease_seconds, short)
    for lane in Lane:
        fresh = [upload.id for upload in found if upload.lane == lane and not upload.attempts]
        publish_chunks(app, fresh, lane=lane, chunk_size=settings.chunk_size)
        # One of these may have ended its worker, and would take a chunk with it again: alone it
        # fails alone.
        tried = [upload.id for upload in found if upload.lane == lane and upload.attempts]
        publish_chunks(app, tried, lane=lane, chunk_size=1)
    count_sweep(len(found), sum(upload.attempts > 0 for upload in found), given_up)
    sweep_runs(database, app, settings)
    _send_shadow(database, app, settings)
    complete_erasures(database, settings)
    return SweepReport(len(found), given_up)


def sweep_runs(database: Database, app: Celery, settings: Settings) -> None:
    """Tell workers of runs that nobody works on, and mark hopeless ones failed.

    Raises:
        BrokerUnreachableError: if the broker does not answer; a later sweep sends them.
    """
    with database.transaction() as session:
        hopeless = runs.give_up(session, settings.max_attempts)
        found = runs.due(session, settings.lease_seconds)
    for run_id in hopeless:
        _log.error("run %d failed: each time the process that worked on it ended or hung", run_id)
    for run in found:
        publish_run(app, run)


def _send_shadow(database: Database, app: Celery, settings: Settings) -> None:
    with database.reading() as session:
        is_open = shadows.current_shadow(session) is not None
    if is_open:
        # Until the next sweep: behind a long queue of bulk work they would pile up.
        publish_shadow(app, settings.sweep_seconds)
