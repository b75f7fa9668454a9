"""Running a sender of notices until it is told to stop."""

import asyncio
import logging
import signal

from nophoto.migrations import check
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.notifications import outbox
from nophoto.models.records.tables import Channel
from nophoto.worker.notifications.channel import DeliveryChannel
from nophoto.worker.notifications.relay import Sender
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.liveness import LivenessReport, keep_reporting, report_liveness
from nophoto.worker.telemetry.logs import configure_logging

_log = logging.getLogger(__name__)


class NoChannelError(NophotoError):
    """The settings name nobody to tell."""


def channels(settings: Settings) -> list[str]:
    """The channels that `settings` name."""
    named = {
        Channel.WEBHOOK: settings.webhook_url.get_secret_value(),
        Channel.TASK: settings.callback_task,
    }
    further = [endpoint.channel for endpoint in settings.webhooks]
    return [*(channel for channel, value in named.items() if value), *further]


def subscribe(database: Database, settings: Settings) -> list[str]:
    """Note every outcome from now on for the channels that `settings` name, and return them."""
    named = channels(settings)
    if named:
        with database.transaction() as session:
            outbox.subscribe(session, named)
    return named


def outlets(settings: Settings) -> list[DeliveryChannel]:
    """What sends to the channels that `settings` name.

    Raises:
        NophotoError: if one of their settings is wrong.
    """
    # Here, since a worker that only subscribes need not load what sends.
    from nophoto.worker.notifications.celery_channel import CallbackTask
    from nophoto.worker.notifications.webhook_channel import Webhook

    made: list[DeliveryChannel] = [Webhook(settings, endpoint) for endpoint in settings.webhooks]
    if settings.webhook_url.get_secret_value():
        made.append(Webhook(settings))
    if settings.callback_task:
        made.append(CallbackTask(settings))
    return made


def run_sender(settings: Settings) -> None:
    """Tell the platform of outcomes until SIGTERM or Ctrl-C; call it from the main thread.

    Raises:
        NoChannelError: if the settings name no channel.
        NophotoError: if one of their settings is wrong, or the database is not ready.
    """
    configure_logging(settings)
    check(settings.effective_database_url)
    served = outlets(settings)
    if not served:
        raise NoChannelError(
            "nobody is to be told: set NOPHOTO_WEBHOOK_URL (with NOPHOTO_WEBHOOK_SECRET), "
            "NOPHOTO_WEBHOOKS, or NOPHOTO_CALLBACK_TASK"
        )
    database = Database(settings.effective_database_url)
    names = subscribe(database, settings)
    _log.info("telling the platform by %s", " and ".join(names))
    with report_liveness(settings.home_folder, "notify") as own:
        asyncio.run(_run(database, served, settings.notice_attempts, own))
    database.close()
    _log.info("sender stopped")


async def _run(
    database: Database, served: list[DeliveryChannel], attempts: int, own: LivenessReport
) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    reporting_liveness = asyncio.create_task(keep_reporting(own))
    async with asyncio.TaskGroup() as group:
        for outlet in served:
            group.create_task(Sender(database, outlet, attempts).run(stopping))
    reporting_liveness.cancel()
