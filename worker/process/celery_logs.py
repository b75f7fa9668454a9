"""What Celery itself logs of an outage: counted with ours, and not a traceback for each task."""

import logging
from collections.abc import Mapping

from celery.worker.consumer.consumer import CONNECTION_ERROR, CONNECTION_RETRY

from nophoto.models import outages
from nophoto.models.outages import OutageError
from nophoto.worker.broker.publisher import BrokerUnreachableError

_CONNECTED = "Connected to %s"
"""Celery's line once a worker's connection to its broker stands."""

_log = logging.getLogger(__name__)


def count_outages_of_celery() -> None:
    """Have failures of tasks and of the worker's connection counted as of an outage."""
    for name, keep in (
        ("celery.app.trace", _keep_task),
        ("celery.worker.consumer.consumer", _keep_connection),
        ("celery.worker.consumer.connection", _keep_connected),
    ):
        logger = logging.getLogger(name)
        if keep not in logger.filters:
            logger.addFilter(keep)


def _keep_task(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, OutageError):
        return True
    task = record.args.get("name") if isinstance(record.args, Mapping) else None
    outages.warn(_log, f"the task {task} failed", error)
    return False


def _keep_connection(record: logging.LogRecord) -> bool:
    arguments = record.args if isinstance(record.args, tuple) else ()
    if record.msg != CONNECTION_ERROR and CONNECTION_RETRY not in arguments:
        return True
    error = BrokerUnreachableError(str(arguments[1]))
    outages.warn(_log, "the worker's connection to the broker is lost", error)
    return False


def _keep_connected(record: logging.LogRecord) -> bool:
    if record.msg == _CONNECTED:
        outages.answered(BrokerUnreachableError.service)
    return True
