"""`nophoto demo`."""

from pathlib import Path
from typing import Annotated

import typer

from nophoto.jobs.cli.rendering.output import print_results, progress, say, warn


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where report.html is written.")] = Path(
        "nophoto-demo"
    ),
) -> None:
    """Try everything: real photographs and fresh placeholders, through queue and worker.

    Photographs come from installed packages (the extra `demo`), placeholders are drawn from seeds
    that the reference set does not hold. Nothing of yours is touched. Exit code 1 if a photograph
    is flagged, more than a tenth of the placeholders are missed, or a photograph that was made a
    reference claims others than its copies, or if one picture in two collections does not get the
    verdict of each.
    """
    from nophoto.jobs.demo.run import run_demo
    from nophoto.jobs.files import write_output

    with progress("judging") as advance:
        found = run_demo(advance)
    print_results(
        sorted(found.rows, key=lambda row: -9.0 if row.score is None else row.score, reverse=True)
    )
    out.mkdir(parents=True, exist_ok=True)
    write_output(out / "report.html", found.page.encode())
    print(
        f"{len(found.rows)} pictures in {found.seconds:.1f} s: {len(found.flagged)} photographs "
        f"flagged, {len(found.missed)} placeholders missed"
    )
    for row in found.flagged:
        warn(f"{row.key} is a photograph and came out as {row.verdict or row.failure_message}")
    for row in found.missed:
        say(f"missed {row.key}: {row.failure_message or f'score {row.score:+.3f}'}")
    if found.turned is None:
        say("the model version has no cohort, so no photograph was tried as a reference")
    else:
        names = ", ".join(sorted(row.key for row in found.turned)) or "nothing"
        print(f"with one photograph as a reference, these turned: {names}")
    if not found.only_copies_turned:
        warn("a photograph as a reference should claim itself and its two copies, nothing else")
    verdicts = ", ".join(f"{row.collection}: {row.verdict}" for row in found.apart)
    print(f"one picture in two collections, one of which has its kind off: {verdicts}")
    if not found.collections_differ:
        warn("it should be a placeholder in `default`, and real where its kind is off")
    print(out.absolute() / "report.html")
    if not found.is_good:
        raise typer.Exit(1)
