"""The server of the HTTP API, until it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from nophoto.api.application import create_api
from nophoto.api.context import ApiContext
from nophoto.worker.process.malloc import limit_arenas, set_mmap_threshold
from nophoto.worker.process.scheduling import let_threads_work_on
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.metrics_server import exposing

_GRACE_SECONDS = 10
"""That requests have to end once the server is told to stop."""


def serve(settings: Settings, host: str, port: int, *, judges: bool, is_local: bool) -> None:
    """Serve the API until Ctrl-C or SIGTERM; see `check_start` for what must hold before.

    Args:
        settings: of this process.
        host: the address that it listens at.
        port: the port.
        judges: whether it opens the network.
        is_local: whether only this machine reaches it.

    Raises:
        MetricsPortError: if the port for Prometheus is taken.
    """
    set_mmap_threshold()
    limit_arenas()
    let_threads_work_on()
    context = ApiContext(settings, is_local=is_local, judges=judges)
    with _exposed(context):
        uvicorn.run(
            create_api(context),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=[*settings.api_proxies],
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )


@contextmanager
def _exposed(context: ApiContext) -> Iterator[None]:
    """Answer Prometheus while the block runs, where it has a port."""
    settings = context.settings
    if not settings.api_metrics_port:
        yield
        return
    host, port = settings.metrics_host, settings.api_metrics_port
    with exposing(context.metrics.registry, host, port, "NOPHOTO_API_METRICS_PORT"):
        yield
