"""`nophoto score`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json, ReferencesFolder
from nophoto.jobs.cli.rendering.output import (
    VERDICT_STYLES,
    cell,
    print_json,
    progress,
    say,
    stderr,
    stdout,
    warn,
)

if TYPE_CHECKING:
    from nophoto.jobs.evaluation.local_scoring import Picture


def score(
    names: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Pictures, or folders of them.", show_default=False),
    ],
    references: ReferencesFolder = None,
    as_json: Json = False,
) -> None:
    """Judge pictures here and now: no queue, no database.

    The shipped network compares them with the shipped references. Exit code 1 only if nothing
    could be judged.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.evaluation.local_scoring import judge_pictures
    from nophoto.jobs.evaluation.reference_sources import choose_set, open_model_version
    from nophoto.jobs.files import find_pictures
    from nophoto.worker.decoding.pool import decoders_of

    settings = load_settings()
    decoders = decoders_of(settings)
    found = find_pictures(names)
    for name, reason in found.problems.items():
        say(f"{name}: {reason}")
    if found.passed_over:
        say(f"{found.passed_over:,} files were passed over: their names are no picture's")
    pictures: list[Picture] = []
    if found.uris:
        with stderr().status("loading the network and the references"):
            network = open_model_version(settings)
            compared_with = choose_set(network, settings, decoders, references)
        with progress("judging", len(found.uris)) as advance:
            pictures += judge_pictures(
                found.uris, network, compared_with, settings, decoders, on_progress=advance
            )
    if as_json:
        print_json([picture.as_dict() for picture in pictures])
    elif pictures:
        _print_table(pictures)
    if not any(picture.as_dict()["verdict"] for picture in pictures):
        warn("nothing could be judged")
        raise typer.Exit(1)


def _print_table(pictures: "list[Picture]") -> None:
    from rich.table import Table

    table = Table("Picture", "Outcome", "Kind", "Score", "Nearest reference", "Detail")
    table.columns[0].overflow = "fold"
    table.columns[3].justify = "right"
    for picture in pictures:
        row = picture.as_dict()
        verdict = row["verdict"]
        detail = "for review" if row["needs_review"] else row["failure_message"] or ""
        table.add_row(
            cell(row["uri"]),
            cell(verdict or row["failure"], VERDICT_STYLES.get(str(verdict), "yellow")),
            cell(row["kind"]),
            cell(row["score"] if row["score"] is None else f"{row['score']:+.3f}"),
            cell(row["nearest_reference"]),
            cell(detail),
        )
    stdout().print(table)
