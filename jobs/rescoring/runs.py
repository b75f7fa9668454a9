"""Runs in plain values and words, for the command line and for other programs."""

from dataclasses import dataclass
from typing import Any

from nophoto.jobs.serialization import to_jsonable
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import RunState


def run_as_dict(run: RunRow) -> dict[str, Any]:
    """The fields of `run`, its times in ISO 8601."""
    values: dict[str, Any] = to_jsonable(run)
    return values


@dataclass(frozen=True, slots=True)
class Words:
    """The words around a run's figures.

    Attributes:
        asks: before its question.
        of: between what is done and what there is.
        per_second: after its rate.
        left: how long it still takes, `{time}`.
        units: of times: seconds, minutes, hours.
    """

    asks: str = "asks"
    of: str = "of"
    per_second: str = "a second"
    left: str = "about {time} left"
    units: tuple[str, str, str] = ("s", "min", "h")


_ENGLISH = Words()


def in_words(seconds: float, units: tuple[str, str, str] = _ENGLISH.units) -> str:
    """A duration as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} {units[0]}"
    if seconds < 5_400:
        return f"{round(seconds / 60)} {units[1]}"
    return f"{seconds / 3600:.1f} {units[2]}"


def progress_in_words(run: RunRow, words: Words = _ENGLISH) -> str:
    """How far `run` has come, how fast it is, what it asks, or how it ended."""
    if run.error is not None:
        return run.error
    progress = run.progress or {}
    if question := progress.get("question"):
        return f"{words.asks}: {question}"
    done, total = progress.get("done"), progress.get("total")
    if done is None:
        return ""
    # A training goes through stages, a rescoring through phases.
    part = progress.get("stage") or progress.get("phase")
    told = f"{part}: {done:,}" if part else f"{done:,}"
    if total:
        told += f" {words.of} {total:,} ({done / total:.0%})"
    if total and (loss := progress.get("loss")) is not None:
        told += f", loss {loss:.4f}"
    rate = progress.get("per_second")
    if run.state == RunState.RUNNING and rate:
        told += f", {rate:,.{0 if rate >= 10 else 1}f} {words.per_second}"
        if total and done < total:
            time = in_words((total - done) / rate, words.units)
            told += f", {words.left.format(time=time)}"
    return told
