"""Running the scheduler until it is told to stop."""

import logging
import signal
from functools import partial
from types import FrameType

from celery.beat import Service

from nophoto.migrations import check
from nophoto.models.records.database import Database
from nophoto.worker.broker.app import create_app
from nophoto.worker.scheduler.daily import nightly
from nophoto.worker.scheduler.metrics import serve
from nophoto.worker.scheduler.scheduler import DatabaseScheduler
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.liveness import report_liveness
from nophoto.worker.telemetry.logs import configure_logging

_log = logging.getLogger(__name__)


def run_beat(settings: Settings) -> None:
    """Send what is due until SIGTERM or Ctrl-C; call it from the main thread.

    A broker that is away is waited for.

    Raises:
        NophotoError: if the database is not fit for it, or the port for Prometheus is taken.
    """
    configure_logging(settings)
    check(settings.effective_database_url)
    database = Database(settings.effective_database_url)
    app = create_app(settings)

    with report_liveness(settings.home_folder, "beat") as own:
        scheduler = DatabaseScheduler(app, database, settings, beat=own.beat)

        class Beat(Service):  # type: ignore[misc]
            def get_scheduler(self, *_: object, **__: object) -> DatabaseScheduler:
                return scheduler

        service = Beat(app)
        signal.signal(signal.SIGTERM, partial(_stop, service))
        for daily in nightly(settings):
            _log.info("%s every day at %s, %s", daily.job, f"{daily.at:%H:%M}", daily.zone)
        with serve(scheduler.counted, settings):
            service.start()
    database.close()
    _log.info("scheduler stopped")


def _stop(service: Service, _: int, __: FrameType | None) -> None:
    # The word ends its loop at the next round, the exception its sleep: but one that is raised in
    # a destructor, say, goes no further.
    service.stop(wait=False)
    raise SystemExit
