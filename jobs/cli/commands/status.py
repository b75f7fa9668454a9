"""`nophoto status`."""

from typing import TYPE_CHECKING, Any

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import VERDICT_STYLES, cell, print_json, stdout, warn

if TYPE_CHECKING:
    from rich.table import Table

    from nophoto.jobs.uploads.status import Status


def status(as_json: Json = False) -> None:
    """Show the backlog, the outcomes so far, what judges, the schedule, and the broker.

    Exit code 0 whatever is found; a database that does not answer is an error.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.uploads.status import read_status
    from nophoto.worker.broker.app import create_app

    settings = load_settings()
    with open_database(settings) as database:
        found = read_status(database, create_app(settings), settings)
    if as_json:
        print_json(_as_dict(found))
    else:
        stdout().print(_table(found))
        for warning in found.warnings:
            warn(warning)


def _as_dict(found: "Status") -> dict[str, Any]:
    counts = found.counts
    return {
        "database": found.database,
        "model_version": found.model_version,
        "promoted_at": found.promoted_at and found.promoted_at.isoformat(),
        "threshold": found.threshold,
        "reference_set": {"version": found.set_version, "size": found.set_size},
        "states": counts.states,
        "verdicts": counts.verdicts,
        "needs_review": counts.needs_review,
        "failures": counts.failures,
        "backlog": {
            lane: {"waiting": backlog.waiting, "oldest_seconds": backlog.oldest_seconds}
            for lane, backlog in counts.backlog.items()
        },
        "broker": {
            "reachable": found.broker_error is None,
            "messages": found.messages,
            "error": found.broker_error,
        },
        "schedule": [seen.detail for seen in found.observations],
        "warnings": found.warnings,
    }


def _table(found: "Status") -> "Table":
    from rich.table import Table

    counts = found.counts
    table = Table(show_header=False, title="nophoto", title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")

    def section(name: str, rows: dict[str, Any], styles: dict[str, str]) -> None:
        table.add_section()
        if not rows:
            table.add_row(name, cell(None))
        for place, (what, count) in enumerate(rows.items()):
            shown = f"{count:,}" if isinstance(count, int) else str(count)
            text = cell(f"{what:<14}{shown:>10}", styles.get(what, ""))
            table.add_row(name if place == 0 else "", text)

    table.add_row("database", cell(found.database))
    broker = "answers" if found.broker_error is None else "does not answer"
    table.add_row("broker", cell(broker, "red" if found.broker_error else ""))
    table.add_row("model version", cell(found.model_version, "" if found.model_version else "red"))
    table.add_row("threshold", cell(found.threshold))
    table.add_row(
        "reference set",
        cell(
            f"version {found.set_version}, {found.set_size:,} references",
            "" if found.set_size else "bold red",
        ),
    )
    section("uploads", _words(counts.states), {"failed": "yellow"})
    section("verdicts", _words(counts.verdicts), VERDICT_STYLES)
    table.add_row("", cell(f"{'for review':<14}{counts.needs_review:>10,}"))
    section("failures", _words(counts.failures), {})
    table.add_section()
    for place, (lane, backlog) in enumerate(counts.backlog.items()):
        text = (
            f"{lane:<14}{backlog.waiting:>10,}   the oldest for {_duration(backlog.oldest_seconds)}"
        )
        table.add_row("backlog" if place == 0 else "", cell(text))
    if not counts.backlog:
        table.add_row("backlog", cell("none"))
    table.add_section()
    for seen in found.observations:
        table.add_row(seen.part, cell(seen.detail, "red" if seen.remedy else ""))
    return table


def _words(counts: dict[Any, int]) -> dict[str, int]:
    return {str(word): counts[word] for word in sorted(counts)}


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
