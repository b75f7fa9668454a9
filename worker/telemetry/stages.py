"""The stages that a chunk goes through, for people who watch."""

from collections.abc import Iterator
from contextlib import contextmanager

from nophoto.worker.telemetry.metrics import timed
from nophoto.worker.telemetry.tracing import span


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Have the block be the stage `name`, in Prometheus's figures and in the chunk's trace."""
    with timed(name), span(name):
        yield
