"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on stdout.")]

Raw = Annotated[
    bool,
    typer.Option(
        "--raw", help="Write CSV for programs: no apostrophe before text such as =1+1 or -x."
    ),
]

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
