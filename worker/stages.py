"""The stages that a chunk goes through, for whoever watches."""

from collections.abc import Iterator
from contextlib import contextmanager

from worker.metrics import timed
from worker.tracing import span


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Have the block be the stage `name`, in Prometheus's figures and in the chunk's trace."""
    with timed(name), span(name):
        yield
