"""Runs in plain values and words, for the command line and for other programs."""

from dataclasses import asdict
from typing import Any

from jobs.plain import plain
from models.records.runs import RunRow
from models.records.tables import RunState


def run_as_dict(run: RunRow) -> dict[str, Any]:
    """The fields of `run`, its times in ISO 8601."""
    values: dict[str, Any] = plain(asdict(run))
    return values


def in_words(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5_400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def progress_in_words(run: RunRow) -> str:
    """How far `run` has come, how fast it is, what it asks, or how it ended."""
    if run.error is not None:
        return run.error
    progress = run.progress or {}
    if question := progress.get("question"):
        return f"asks: {question}"
    done, total = progress.get("done"), progress.get("total")
    if done is None:
        return ""
    # A training goes through stages, a rescoring through phases.
    part = progress.get("stage") or progress.get("phase")
    words = f"{part}: {done:,}" if part else f"{done:,}"
    if total:
        words += f" of {total:,} ({done / total:.0%})"
    if total and (loss := progress.get("loss")) is not None:
        words += f", loss {loss:.4f}"
    rate = progress.get("per_second")
    if run.state == RunState.RUNNING and rate:
        words += f", {rate:,.{0 if rate >= 10 else 1}f} a second"
        if total and done < total:
            words += f", about {in_words((total - done) / rate)} left"
    return words
