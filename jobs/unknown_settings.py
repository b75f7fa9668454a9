"""Variables that look like settings and are none: a misspelt one would be ignored in silence."""

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches

from dotenv import dotenv_values

from nophoto.worker.settings import SECRETS, Settings

_PREFIX = str(Settings.model_config["env_prefix"])
_FROM_THE_ENVIRONMENT_ALONE = ("NOPHOTO_SECRETS", "NOPHOTO_CONSOLE_HOST", "NOPHOTO_CONSOLE_PORT")
"""What is read before the settings are, or by a command's option."""

_SERVICE_LINK = re.compile(
    r".*_(?:SERVICE_(?:HOST|PORT(?:_.*)?)|PORT_\d+_(?:TCP|UDP|SCTP)(?:_.*)?)"
)
"""What Kubernetes puts into every container for a service whose name begins with `nophoto-`."""


def unknown_settings() -> Iterator[str]:
    """A sentence for each unknown variable of the environment, `.env` and the secrets' folder.

    It names the nearest setting; no value is shown, since it may be a password.
    """
    known = {f"{_PREFIX}{name}".upper() for name in Settings.model_fields}
    alone = set(_FROM_THE_ENVIRONMENT_ALONE)
    secrets = [file.name for file in SECRETS.iterdir()] if SECRETS.is_dir() else []
    for origin, names, others in (
        ("the environment", os.environ, alone),
        (".env", dotenv_values(".env"), set[str]()),
        (str(SECRETS), secrets, set[str]()),
    ):
        for name in sorted({name.upper() for name in names}):
            if not name.startswith(_PREFIX) or name in known | others or _SERVICE_LINK.match(name):
                continue
            yield f"{name} in {origin} has no effect: {_reason(name, known | alone)}"


def _reason(name: str, known: set[str]) -> str:
    if name in _FROM_THE_ENVIRONMENT_ALONE:
        return "it is read from the environment alone; export it"
    # Without what all have in common, which would make any two alike.
    parts = {each.removeprefix(_PREFIX): each for each in known}
    nearest = get_close_matches(name.removeprefix(_PREFIX), parts, n=1)
    meant = f"Did you mean {parts[nearest[0]]}? " if nearest else ""
    return f"there is no such setting. {meant}`nophoto settings` lists all"
