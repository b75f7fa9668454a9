"""`python -m benchmarks.laid_out DIR`: lays out placeholders and their like."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from benchmarks.laid_out.catalogue import Catalogue, check_renderer
from benchmarks.laid_out.icon_sets import ICON_SETS, sources
from benchmarks.laid_out.pictures import PLAN, Sources
from benchmarks.laid_out.words import check_installed
from benchmarks.training_pictures import npm
from benchmarks.training_pictures.commands import PackageError
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.jobs.files import find_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.processors import processors

_LEAST_DEVIATION = 6
"""Of the luminance of a real picture, below which it is as good as blank."""


def main(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Made where it does not exist.", file_okay=False)
    ],
    photographs: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Real pictures that words are written over, as `benchmarks.training_pictures` "
            "gathers.",
        ),
    ],
    share: Annotated[
        float, typer.Option(min=0, help=f"Of the {sum(PLAN.values()):,} pictures.")
    ] = 1.0,
) -> None:
    """Lay out placeholders and real pictures of the same look.

    They lie below DIR/placeholders, in a folder for each kind, and below DIR/real. Icons come from
    the free sets that Iconify packs for npm, fonts and words from Debian. It takes npm and
    rsvg-convert, and the extra `console`.
    """
    try:
        check_installed()
        check_renderer()
        icons = folder / "icons"
        with progress("fetching icons") as advance:
            for done, (name, version, _) in enumerate(ICON_SETS):
                advance(done, len(ICON_SETS))
                _fetch(name, version, icons)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    jobs = [
        (place, seed)
        for place, count in enumerate(PLAN.values())
        for seed in range(int(count * share))
    ]
    (folder / "sources.md").write_text(sources())
    found = sorted(Path(file) for file in find_pictures([str(photographs)]).uris)
    parts = Sources(Catalogue(icons), found)
    with progress("laying out pictures") as advance, ThreadPoolExecutor(processors()) as threads:
        made = threads.map(lambda job: _make(job[0], job[1], parts, folder), jobs)
        for done, _ in enumerate(made, start=1):
            advance(done, len(jobs))


def _fetch(name: str, version: str, icons: Path) -> None:
    own = icons / name
    if own.exists():
        return
    icons.mkdir(parents=True, exist_ok=True)
    unpacked = icons / f".{name}"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    npm.unpack(f"@iconify-json/{name}@{version}", unpacked)
    (unpacked / "node_modules/@iconify-json" / name).rename(own)
    shutil.rmtree(unpacked)


def _make(place: int, seed: int, parts: Sources, folder: Path) -> None:
    rng = Random(f"{place}-{seed}")
    try:
        image, group = list(PLAN)[place](rng, parts)
    except PackageError:
        return  # a broken icon
    if group.startswith("real/") and _deviation(image) < _LEAST_DEVIATION:
        return
    own = folder / group
    own.mkdir(parents=True, exist_ok=True)
    if rng.random() < 0.55:
        image.save(own / f"{place}{seed:05}.jpg", quality=rng.randint(50, 95))
    else:
        image.save(own / f"{place}{seed:05}.png")


def _deviation(image: Image.Image) -> float:
    return float(np.asarray(image.convert("L").resize((96, 96)), np.float32).std())


if __name__ == "__main__":
    typer.run(main)
