"""`nophoto model export` and `nophoto model import`."""

from pathlib import Path
from typing import Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import print_json, say

Version = Annotated[
    str, typer.Argument(metavar="ID", help="As `nophoto model list` shows it, or `active`.")
]


def export_model(
    version_id: Version,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="ID.zip in this folder if not given.")
    ] = None,
) -> None:
    """Write a version into one file, for `nophoto model import` elsewhere."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import export_version, get_version

    settings = load_settings()
    with open_database(settings) as database:
        row = get_version(database, version_id)
    file = out or Path(f"{row.id}.zip")
    export_version(row, settings, file)
    print(file)
    say(f"its digest is {row.digest}; give it to `nophoto model import --digest` on the other side")


def import_model(
    path: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help="An exported file, or a version's folder.")
    ],
    digest: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="The digest that it must have, as the other side says."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a version known that was trained elsewhere; `promote` lets it judge.

    It is copied into NOPHOTO_VERSIONS, and refused if its files are not those of its digest. A
    network is not code, yet who made it decides what is flagged: import from people you trust.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import get_version, import_version

    settings = load_settings()
    with open_database(settings) as database:
        version, is_new = import_version(database, settings, path, digest)
        row = get_version(database, version.id)
    if as_json:
        print_json(
            {
                "id": version.id,
                "digest": version.digest,
                "folder": str(version.folder),
                "location": row.location,
                "new": is_new,
            }
        )
        return
    print(version.id)
    say(
        f"{'registered' if is_new else 'known already'}, in {row.location}; `nophoto model "
        f"promote {version.id}` lets it judge"
    )
