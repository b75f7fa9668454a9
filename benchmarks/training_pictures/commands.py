"""Calls the programs that packages are fetched and drawn with."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from nophoto.models.errors import NophotoError

RENDERER = "rsvg-convert"
RENDERER_REMEDY = "It takes rsvg-convert (`sudo apt-get install librsvg2-bin`)"


class PackageError(NophotoError):
    """A package cannot be fetched, unpacked or drawn."""


def call(command: Sequence[str], folder: Path, package: str, remedy: str) -> bytes:
    """What a command prints that is run in a folder for a package.

    Args:
        command: the program and its arguments.
        folder: in which it runs.
        package: named if it fails.
        remedy: what to do then, a sentence.

    Raises:
        PackageError: if there is no such program, or it fails; the reason is its own.
    """
    program = Path(command[0]).name
    if not shutil.which(command[0]):
        raise PackageError(f"there is no {program} for the package {package}. {remedy}")
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        reason = (lines or ["no reason given"])[-1].removeprefix("E: ")
        raise PackageError(f"{program} fails for the package {package}: {reason}. {remedy}")
    return done.stdout


def draw_svg(file: Path, package: str, size: Sequence[str]) -> bytes:
    """An SVG file of a package as a PNG file, in its own proportions.

    Args:
        file: the SVG file.
        package: named if it fails.
        size: rsvg-convert's options for width or height.

    Raises:
        PackageError: if there is no rsvg-convert, or it fails.
    """
    command = [RENDERER, "--keep-aspect-ratio", *size, file.name]
    return call(command, file.parent, package, RENDERER_REMEDY)
