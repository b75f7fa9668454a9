"""Runs in plain values and words, for the command line and for other programs."""

from dataclasses import asdict
from typing import Any

from jobs.plain import plain
from models.records.runs import RunRow


def run_as_dict(run: RunRow) -> dict[str, Any]:
    """The fields of `run`, its times in ISO 8601."""
    values: dict[str, Any] = plain(asdict(run))
    return values


def progress_in_words(run: RunRow, asks: str = "asks", of: str = "of") -> str:
    """How far `run` has come, what it asks, or how it ended.

    Args:
        run: any.
        asks: stands before its question.
        of: stands between what is done and what there is.
    """
    if run.error is not None:
        return run.error
    progress = run.progress or {}
    if question := progress.get("question"):
        return f"{asks}: {question}"
    done, total = progress.get("done"), progress.get("total")
    if done is None:
        return ""
    stage = f"{name}: " if (name := progress.get("stage")) else ""
    loss = f", loss {value:.4f}" if (value := progress.get("loss")) is not None else ""
    if not total:
        return f"{stage}{done:,}"
    return f"{stage}{done:,} {of} {total:,} ({done / total:.0%}){loss}"
