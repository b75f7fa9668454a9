"""`nophoto doctor`."""

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, stdout


def doctor(as_json: Json = False) -> None:
    """Look at database, broker, model version, references, roots, clock, disk, leases and schedule.

    Each part that is not well comes with a remedy. Exit code 0 where all are well, otherwise 1.
    """
    from dataclasses import asdict

    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.operations.doctor import examine

    findings = examine(load_settings())
    if as_json:
        print_json([asdict(finding) | {"well": finding.is_well} for finding in findings])
    else:
        table = Table("Part", "", "Found", "Remedy")
        table.columns[2].overflow = table.columns[3].overflow = "fold"
        for finding in findings:
            mark = cell("well", "green") if finding.is_well else cell("ill", "bold red")
            table.add_row(cell(finding.part, "bold"), mark, cell(finding.detail), finding.remedy)
        stdout().print(table)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)
