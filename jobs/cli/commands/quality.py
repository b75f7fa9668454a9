"""`nophoto quality`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout, warn

if TYPE_CHECKING:
    from nophoto.jobs.quality.estimate import Figure, Quality
    from nophoto.jobs.quality.report import QualityReport

MISSING = {
    "answers": "no verdict of the sample has been judged yet; moderators find them on the page "
    "Review of `nophoto console`",
    "real": "no `real` verdict of the sample has been judged yet. Is NOPHOTO_SPOT_CHECK_SHARE 0?",
    "flagged": "no `placeholder` verdict of the sample has been judged yet. Is "
    "NOPHOTO_SPOT_CHECK_FLAGGED_SHARE 0?",
    "placeholders": "no placeholder has been found in the sample yet",
}


def quality(
    weeks: Annotated[int, typer.Option(min=1, max=104, help="Weeks to look back.")] = 12,
    as_json: Json = False,
) -> None:
    """Show recall and precision by week and kind, with intervals of 95 %, and who agrees.

    Both are measured on random verdicts of live uploads, which moderators judge on the page Review
    without seeing the network's answer.

    Exit code 1 where a figure of the last seven days fell below that of the four weeks before.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.quality.report import quality_report

    with open_database(load_settings()) as database:
        found = quality_report(database, weeks)
    if as_json:
        print_json(_as_dict(found))
    else:
        _print(found)
    for fall in found.falls:
        warn(
            f"{fall.figure} fell from {fall.before.value:.1%} to {fall.now.value:.1%} in the last "
            "seven days. `nophoto discover` may show why"
        )
    if found.falls:
        raise typer.Exit(1)


def _print(found: "QualityReport") -> None:
    from rich.table import Table

    table = Table("", "Recall", "Precision", "Missed (estimated)", "Drawn", "Judged")
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [("all", found.total)]
    rows += [(week.name, week.quality) for week in found.weeks]
    rows += [(f"kind {kind}", of) for kind, of in found.kinds.items()]
    rows += [(f"collection {name}", of) for name, of in found.collections.items()]
    for name, of in rows:
        table.add_row(
            cell(name),
            cell(_text(of.recall)),
            cell(_text(of.precision)),
            cell(f"{of.missed.value:,.0f} ({of.missed.low:,.0f}-{of.missed.high:,.0f})")
            if of.missed
            else cell(None),
            cell(f"{of.drawn:,}"),
            cell(f"{of.answered:,}"),
        )
    stdout().print(table)
    if found.total.missing:
        say(MISSING[found.total.missing])
    agreed = found.agreement
    if agreed.pairs:
        pairs = Table("Moderators", "Common items", "Agreed", "Cohen's kappa")
        for pair in agreed.pairs:
            pairs.add_row(
                cell(f"{pair.first}, {pair.second}"),
                cell(pair.items),
                cell(f"{pair.agreed / pair.items:.1%}"),
                cell(pair.kappa),
            )
        stdout().print(pairs)
    if agreed.alpha is not None:
        say(f"Krippendorff's alpha of all moderators: {agreed.alpha:.3f}")
    for moderator in agreed.moderators:
        say(f"{moderator.name}: {moderator.right} of {moderator.golden} golden items right")


def _text(figure: "Figure | None") -> str | None:
    return None if figure is None else f"{figure.value:.1%} ({figure.low:.1%}-{figure.high:.1%})"


def _as_dict(found: "QualityReport") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "total": _quality(found.total),
        "weeks": {week.name: _quality(week.quality) for week in found.weeks},
        "kinds": {str(kind): _quality(of) for kind, of in found.kinds.items()},
        "collections": {name: _quality(of) for name, of in found.collections.items()},
        "falls": [asdict(fall) for fall in found.falls],
        "agreement": asdict(found.agreement),
    }


def _quality(of: "Quality") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(of)
