"""The settings of this process, for another one that it starts."""

import json

from pydantic import SecretStr

from nophoto.worker.settings import Settings


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables by which `settings` are read again, the secret ones included."""
    values = settings.model_dump()
    return {f"NOPHOTO_{name.upper()}": _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
