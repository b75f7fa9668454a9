"""The Celery application: its broker, its lanes and the rules every task lives by."""

from celery import Celery
from celery.loaders.app import AppLoader
from kombu.entity import Queue

from nophoto.worker.settings import Settings

LANES = ("interactive", "bulk")
"""One broker queue each: a backlog of bulk work never stands before an interactive upload."""

BACKENDS = "celery"
"""The queue that Celery sends to where nobody names one: backends that import nothing of ours."""

SWEEPS = "sweep"
"""Its own queue: a sweep that waited behind a backlog would come when there is none."""

TRAINING = "training"
"""Its own queue as well, for workers that do nothing else: a training takes many minutes."""

QUEUES = (SWEEPS, "interactive", BACKENDS, "bulk", TRAINING)
"""All of them, in the order in which a worker empties them."""


def create_app(settings: Settings) -> Celery:
    """A Celery application under `settings`; it connects to nothing yet."""
    # Every caller has an application of its own; none is the process's.
    app = Celery(
        "nophoto",
        # By name, Celery would import it with the current folder first on the path.
        loader=AppLoader,
        broker=settings.effective_broker_url,
        # By name: only who talks to the broker needs its client.
        amqp="nophoto.worker.broker.transport:ValidatingAMQP",
        set_as_current=False,
    )
    app.conf.update(
        # The database is the truth: a message that is acknowledged late is delivered again when
        # its worker dies, and scoring the same upload twice writes the same rows.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        accept_content=["json"],
        task_serializer="json",
        task_queues=[Queue(name) for name in QUEUES],  # type: ignore[no-untyped-call]
        task_default_queue="interactive",
        task_create_missing_queues=False,
        # Past the soft limit a chunk is left to its lease; past the hard one its process is
        # killed.
        task_soft_time_limit=settings.chunk_timeout,
        task_time_limit=settings.chunk_timeout * 1.2,
        worker_soft_shutdown_timeout=min(30.0, settings.chunk_timeout),
        worker_enable_soft_shutdown_on_idle=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        # A worker that is up before its broker waits for it.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            # After so many seconds, what a killed worker had taken comes back: of uploads that a
            # backend sends, the message is all there is. What is still worked on comes a second
            # time as well, and claims nothing then.
            "visibility_timeout": 45.0,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            # A worker that was killed while it looked keeps others from looking for so long.
            "unacked_mutex_expire": 10,
            "socket_timeout": 30.0,
            "socket_connect_timeout": 5.0,
            "queue_order_strategy": "priority",
        },
        broker_connection_timeout=5.0,
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_step": 0.4},
        worker_send_task_events=settings.celery_events,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        timezone="UTC",
    )
    return app
