"""Telling workers that uploads wait: short messages of row ids, sent after the commit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from celery import Celery
from kombu import pools
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from nophoto.models import outages
from nophoto.models.outages import OutageError
from nophoto.models.records.runs import DueRun
from nophoto.models.records.tables import RunKind

_TASKS = {
    RunKind.RESCORE: ("nophoto.rescore_step", "bulk"),
    RunKind.RETRAIN: ("nophoto.train", "training"),
}
"""What works on a run of each kind, and in which queue."""

_TIMEOUT = 5.0
"""Seconds for each of the client's four tries to get an answer. A user may wait for the publishing
process, unlike for a worker, which waits for messages alone."""


class BrokerUnreachableError(OutageError):
    """The broker does not answer. Uploads are safe in the database, and the sweep sends them."""

    service = "the broker"


def publish_chunks(app: Celery, ids: Sequence[int], *, lane: str, chunk_size: int) -> int:
    """Send `ids` to the workers of `lane`, at most `chunk_size` of them a message.

    Call it after the transaction that stored the uploads has committed: a worker may claim them
    before this function returns.

    Returns:
        How many messages were sent.

    Raises:
        BrokerUnreachableError: if the broker does not answer; the rest is left to the sweep.
    """
    if not ids:
        return 0
    sent = 0
    with _connected(app) as connection, app.amqp.Producer(connection) as producer:
        for start in range(0, len(ids), chunk_size):
            chunk = list(ids[start : start + chunk_size])
            # How a message is told in logs: written out, its ids would cost as much as the rest.
            app.send_task(
                "nophoto.score_chunk",
                [chunk],
                queue=lane,
                producer=producer,
                argsrepr=f"({len(chunk)} ids)",
            )
            sent += 1
    return sent


def publish_run(app: Celery, run: DueRun, times: int = 1) -> None:
    """Tell workers, as many as `times`, that a run waits.

    One of a kind that no worker takes is left to the process that asked for it.

    Raises:
        BrokerUnreachableError: if the broker does not answer; the sweep sends them.
    """
    if not times or run.kind not in _TASKS:
        return
    task, queue = _TASKS[run.kind]
    with _connected(app) as connection, app.amqp.Producer(connection) as producer:
        for _ in range(times):
            app.send_task(task, [run.id], queue=queue, producer=producer)


def publish_shadow(app: Celery, seconds: float) -> None:
    """Have a worker of bulk work go on with the shadow run, if one is free within so many seconds.

    Raises:
        BrokerUnreachableError: if the broker does not answer.
    """
    with _connected(app) as connection, app.amqp.Producer(connection) as producer:
        app.send_task("nophoto.shadow", queue="bulk", expires=seconds, producer=producer)


def check_broker(app: Celery) -> None:
    """Make sure that the broker answers.

    Raises:
        BrokerUnreachableError: if it does not.
    """
    # Not a kept connection, which would not notice.
    with _connection(app) as connection, _reached(connection):
        pass


def waiting(app: Celery, lane: str) -> int:
    """How many messages of `lane` wait in the broker, those that a worker holds not counted.

    Raises:
        BrokerUnreachableError: if the broker does not answer.
    """
    with _connected(app) as connection:
        return int(app.amqp.queues[lane](connection.default_channel).queue_declare().message_count)


@contextmanager
def _connected(app: Celery) -> Iterator[Connection]:
    # Kept by the process: to make a connection takes ten times as long as to send a message.
    kept = pools.connections[_connection(app)]
    with kept.acquire(block=True) as connection, _reached(connection):
        yield connection


def _connection(app: Celery) -> Connection:
    own: Connection = app.connection_for_write(transport_options={"socket_timeout": _TIMEOUT})
    return own


@contextmanager
def _reached(connection: Connection) -> Iterator[None]:
    try:
        connection.ensure_connection(max_retries=1, timeout=5)  # type: ignore[no-untyped-call]
        yield
        outages.answered(BrokerUnreachableError.service)
    except (OperationalError, *connection.connection_errors) as error:
        raise BrokerUnreachableError(
            f"the broker at {connection.as_uri()} does not answer ({error}). Start it, or "
            "`nophoto up` for the embedded one, or set NOPHOTO_BROKER_URL"
        ) from error
