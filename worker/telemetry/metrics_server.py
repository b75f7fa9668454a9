"""Answering Prometheus."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nophoto.models.errors import NophotoError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


class MetricsPortError(NophotoError):
    """The port for Prometheus cannot be listened on."""


@contextmanager
def exposing(
    registry: "CollectorRegistry", host: str, port: int, setting: str = "NOPHOTO_METRICS_PORT"
) -> Iterator[int]:
    """Answer `GET /metrics` from a thread while the block runs.

    Args:
        registry: what is told.
        host: an address of this machine.
        port: to listen on.
        setting: where the port was read, for the message that it is taken.

    Yields:
        The port, which the system chose where `port` is 0.

    Raises:
        MetricsPortError: if it is taken, or the host is none of this machine.
    """
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise MetricsPortError(
            f"the metrics cannot be served on {host}:{port} ({error.strerror}); set "
            f"{setting} to a free port for each process of this host"
        ) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
