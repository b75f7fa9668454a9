"""`nophoto evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json, ReferencesFolder
from nophoto.jobs.cli.rendering.output import cell, print_json, progress, say, stderr, stdout, warn

if TYPE_CHECKING:
    from rich.table import Table

    from nophoto.jobs.evaluation.evaluate import Report
    from nophoto.models.vision.evaluation import Rate

FOLDERS_SHOWN = 20
FAILURES_NAMED = 20


def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Holds placeholder/ and real/, nested at will.")
    ],
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write ROC, histogram and the worst mistakes there."),
    ] = None,
    model_version: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Another model version than the active one."),
    ] = None,
    references: ReferencesFolder = None,
) -> None:
    """Measure how well the network does on pictures whose kind is known.

    Every file below DIR is judged by the active model version against the active reference set:
    the database's where it is migrated, else those that nophoto ships. None of them is added to
    the set.
    """
    from contextlib import ExitStack

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.evaluation.artifacts import write_files
    from nophoto.jobs.evaluation.evaluate import check_folder, evaluate_folder
    from nophoto.jobs.evaluation.reference_sources import open_judging
    from nophoto.worker.decoding.pool import decoders_of

    settings = load_settings()
    decoders = decoders_of(settings)
    check_folder(folder)
    with ExitStack() as stack:
        with stderr().status("loading the network and the references"):
            network, compared_with = stack.enter_context(
                open_judging(settings, decoders, model_version=model_version, folder=references)
            )
        say(f"{network.version.id} against {compared_with.source}")
        with progress("judging") as advance:
            found = evaluate_folder(
                folder, network, compared_with, settings, decoders, on_progress=advance
            )
        _name_failures(found)
        _warn_of_known(found)
        if as_json:
            print_json(found.as_dict())
        else:
            _print(found)
        if out:
            for file in write_files(out, found, compared_with, settings, decoders):
                say(f"wrote {file}")


def _name_failures(found: "Report") -> None:
    failed = found.failed
    for uri, reason in failed[:FAILURES_NAMED]:
        say(f"not judged: {uri}: {reason}")
    if len(failed) > FAILURES_NAMED:
        say(f"not judged: {len(failed) - FAILURES_NAMED:,} more files")


def _warn_of_known(found: "Report") -> None:
    if learnt := sum(found.learnt.values()):
        counts = ", ".join(f"{n:,} {kind}" for kind, n in found.learnt.items())
        warn(
            f"{found.model_version} was trained on {learnt:,} of these pictures ({counts}): the "
            "figures are better than on pictures that it has not seen. Measure with others, or by "
            "`nophoto cross-validate`"
        )
    if held_out := sum(found.held_out.values()):
        warn(
            f"the training of {found.model_version} measured it by {held_out:,} of these pictures "
            "and set its threshold by them"
        )


def _print(found: "Report") -> None:
    from rich.table import Table

    console = stdout()
    figures = found.figures
    table = Table("Figure", "Value", "95 % interval", "Of")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("AUC", f"{figures.auc:.4f}", "{:.4f} – {:.4f}".format(*figures.auc_interval), "")
    for rate, share in figures.true_positives_at.items():
        _add_rate(table, f"found at {rate:.1%} false alarms", share)
    _add_rate(table, f"found at the threshold {figures.threshold:.3f}", figures.true_positives)
    _add_rate(table, "false alarms at the threshold", figures.false_positives)
    table.add_row("photos per second", f"{found.photos_per_second:.1f}", "", "")
    for code, count in sorted(found.failures.items()):
        table.add_row(f"not judged: {code}", f"{count:,}", "", "")
    console.print(table)
    _print_folders("False alarms, by folder of real/", found.false_alarm_rates, worst_high=True)
    _print_folders("Found, by folder of placeholder/", found.found_rates, worst_high=False)


def _print_folders(title: str, rates: "dict[str, Rate]", *, worst_high: bool) -> None:
    from rich.table import Table

    worst = sorted(rates.items(), key=lambda item: item[1].value, reverse=worst_high)
    table = Table("Folder", "Share", "95 % interval", "Of", title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, rate in worst[:FOLDERS_SHOWN]:
        _add_rate(table, name, rate)
    stdout().print(table)
    if len(worst) > FOLDERS_SHOWN:
        say(f"the {FOLDERS_SHOWN} worst of {len(worst)} folders; --json lists them all")


def _add_rate(table: "Table", name: str, rate: "Rate") -> None:
    low, high = rate.interval
    table.add_row(
        cell(name), f"{rate.value:.2%}", f"{low:.2%} – {high:.2%}", f"{rate.hits:,}/{rate.total:,}"
    )
