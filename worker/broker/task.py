"""Declaring a Celery task."""

from collections.abc import Callable
from typing import Any

from celery import Celery


def task(app: Celery, name: str, *, bind: bool = False) -> Callable[[Callable[..., None]], Any]:
    """Makes a function the task `name` of `app`, which checks its arguments itself."""
    # Celery's own check would raise for a field too many. Not shared: every application that is
    # made later would run this one's.
    decorate: Callable[[Callable[..., None]], Any] = app.task(
        name=name,
        bind=bind,
        typing=False,
        shared=False,
        # A task that is tried again is tried until it succeeds: of what a backend sent, its message
        # is all there is. `retry(max_retries=None)` would mean Celery's own three times.
        max_retries=None,
        Request="nophoto.worker.broker.request:StrictRequest",
    )
    return decorate
