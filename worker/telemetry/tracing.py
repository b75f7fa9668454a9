"""OpenTelemetry: the way of an upload from enqueueing to the commit as one trace.

Nothing of OpenTelemetry is imported here where `NOPHOTO_TRACES_URL` is empty. Its library for
Celery is not used: it never ends the span of a message that is sent by the name of its task, as all
of ours are.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from celery import signals

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.worker.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_TIMEOUT = 2.0
"""Seconds for spans on their way, and so for the end of a process whose collector is away."""

_provider: "TracerProvider | None" = None
_open: dict[str, AbstractContextManager[Any]] = {}
"""The spans of tasks that are being worked on, by the id of the task."""


class TelemetryNotInstalledError(NophotoError):
    """Traces are asked for, and what makes them is not installed."""


def start_tracing(settings: Settings, part: str) -> None:
    """Trace what this process does from now on, if the settings say whereto; once suffices.

    Spans are sent by a thread, and what it cannot send is dropped: no upload waits for it.

    Args:
        settings: of this process.
        part: what it is, for the name of the service, `nophoto-PART`.

    Raises:
        TelemetryNotInstalledError: if the extra `telemetry` is missing.
    """
    global _provider
    if not settings.traces_url or _provider is not None:
        return
    check_telemetry_installed(settings)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # It ends, and sends what it still has, with the process.
    _provider = TracerProvider(resource=Resource.create({"service.name": f"nophoto-{part}"}))
    exporter = OTLPSpanExporter(settings.traces_url, timeout=_TIMEOUT)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    signals.before_task_publish.connect(_send_along, weak=False)
    signals.task_prerun.connect(_begin, weak=False)
    signals.task_postrun.connect(_end, weak=False)
    # A child of Celery's pool ends without Python's own end.
    signals.worker_process_shutdown.connect(_stop, weak=False)


def check_telemetry_installed(settings: Settings) -> None:
    """Make sure that traces can be made, where the settings ask for them.

    Raises:
        TelemetryNotInstalledError: if the extra `telemetry` is missing.
    """
    if not settings.traces_url:
        return
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter  # noqa: F401
    except ImportError as error:
        raise TelemetryNotInstalledError(
            "NOPHOTO_TRACES_URL is set, and traces cannot be made here. Run "
            f"`{install_command('telemetry')}`, or leave it empty"
        ) from error


@contextmanager
def span(name: str, **attributes: Any) -> Iterator[None]:
    """Have the block be a span `name` of the current trace, where this process traces."""
    if _provider is None:
        yield
        return
    tracer = _provider.get_tracer("nophoto")
    with tracer.start_as_current_span(name, attributes=_named(attributes)):
        yield


def annotate(**attributes: Any) -> None:
    """Say of the current span what it is about, where this process traces."""
    if _provider is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(_named(attributes))


def _named(attributes: dict[str, Any]) -> dict[str, Any]:
    return {f"nophoto.{name}": value for name, value in attributes.items()}


def _send_along(headers: dict[str, Any], **_: Any) -> None:
    from opentelemetry.propagate import inject

    inject(headers)


def _begin(task_id: str, task: Any, **_: Any) -> None:
    from opentelemetry.propagate import extract, get_global_textmap
    from opentelemetry.trace import SpanKind

    sent = {name: task.request.get(name) for name in get_global_textmap().fields}
    context = extract({name: value for name, value in sent.items() if isinstance(value, str)})
    if _provider is not None:
        tracer = _provider.get_tracer("nophoto")
        manager = tracer.start_as_current_span(task.name, context, SpanKind.CONSUMER)
        manager.__enter__()
        _open[task_id] = manager


def _end(task_id: str, **_: Any) -> None:
    if manager := _open.pop(task_id, None):
        manager.__exit__(None, None, None)


def _stop(**_: Any) -> None:
    if _provider is not None:
        _provider.shutdown()
