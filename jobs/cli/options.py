"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on stdout.")]

ReferencesFolder = Annotated[
    Path | None,
    typer.Option(
        "--references",
        metavar="DIR",
        help="Compare with the pictures in this folder instead.",
        exists=True,
        file_okay=False,
    ),
]
