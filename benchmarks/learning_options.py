"""The options of benchmarks that train on some pictures and judge others."""

from pathlib import Path
from typing import Annotated

import typer

from nophoto.jobs.demo.pictures import photographs
from nophoto.jobs.files import find_pictures

Corpus = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR",
        help="Holds placeholder/ and real/ to judge. Without it pictures are made.",
        exists=True,
        file_okay=False,
    ),
]

Negatives = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Real pictures that the baseline recipe learns from; not those of the corpus. Without "
        "it, the photographs that packages carry.",
        exists=True,
        file_okay=False,
    ),
]


def learnt_photographs(negatives: Path | None) -> list[Path]:
    """The real pictures to learn from: those below `negatives`, or those that packages carry.

    Raises:
        DemoPicturesError: if the packages are not installed.
    """
    if negatives:
        return [Path(uri) for uri in find_pictures([str(negatives)]).uris]
    return list(photographs())
