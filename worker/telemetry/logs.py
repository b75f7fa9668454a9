"""The log: one line an event, for people or for machines, that says what was worked on."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from celery import signals

from nophoto.worker.settings import Settings

LogFormat = Literal["text", "json"]

_PLAIN = re.compile(r"[\w.:/@+-]+")

_worked_on: ContextVar[dict[str, object]] = ContextVar("worked_on", default={})  # noqa: B039


@contextmanager
def log_context(**fields: object) -> Iterator[None]:
    """Name in every line of the block what it is about, such as `chunk`, `run` or `key`.

    Threads that are started in it keep to it only where they are given its context.
    """
    token = _worked_on.set(_worked_on.get() | fields)
    try:
        yield
    finally:
        _worked_on.reset(token)


def log_event(logger: logging.Logger, event: str, **fields: object) -> None:
    """Log that something happened, with what there is to say of it in fields."""
    if logger.isEnabledFor(logging.INFO):
        message = f"{event} {_in_text(fields)}"
        logger.info("%s", message, extra={"event": event, "fields": fields})


def configure(log_format: LogFormat = "text", level: int | str = logging.INFO) -> None:
    """Write the log to stderr; where somebody has configured logging already, it stays."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if log_format == "json" else _Text())
    logging.basicConfig(level=level, handlers=[handler])


def configure_logging(settings: Settings) -> None:
    """As `settings` say; Celery's two lines a task would only repeat ours."""
    configure(settings.log_format)
    for name in ("celery.worker.strategy", "celery.app.trace", "alembic", "kombu"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Celery configures logging itself unless somebody says that it is done.
    signals.setup_logging.connect(_is_configured)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        said = getattr(record, "fields", {})
        unsaid = {k: v for k, v in _worked_on.get().items() if k not in said}
        line = super().formatMessage(record)
        return f"{line} {_in_text(unsaid)}" if unsaid else line


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if hasattr(record, "event"):
            line["event"] = record.event
        line |= _worked_on.get() | getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _in_text(fields: dict[str, object]) -> str:
    return " ".join(f"{name}={_value(value)}" for name, value in fields.items())


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _is_configured(**_: Any) -> None:
    return
