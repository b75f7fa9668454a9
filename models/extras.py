"""How to install what a part of nophoto needs and is not there."""

import shlex
import sys
from pathlib import Path

import nophoto

CONSTRAINTS = Path(nophoto.__file__).with_name("constraints.txt")
"""The exact versions that nophoto is tested with: here in a checkout, and in a wheel."""


def install_command(*extras: str) -> str:
    """The command that adds `extras` to this very installation, in the versions that were tested.

    nophoto itself is here already, so that nothing of this name is looked for elsewhere.
    """
    return shlex.join(
        [
            *(sys.executable, "-m", "pip", "install"),
            *("--constraint", str(CONSTRAINTS), f"nophoto[{','.join(extras)}]"),
        ]
    )
