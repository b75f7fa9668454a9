"""The settings in force, where each comes from, and a clear word where one is wrong."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from nophoto.models.errors import NophotoError
from nophoto.worker.settings import SECRETS, Settings, settings

Origin = Literal["environment", ".env", "secret", "default"]

BROKER_SCHEMES = ("redis", "rediss", "redis+socket", "sentinel")
"""What Celery can reach with the client that nophoto installs."""

MASK = "***"

_PASSWORD = re.compile(r"(//[^:/@]*:).*@")
_USER_INFO = re.compile(r"//[^/?#]*@")
_NAMES_A_USER = re.compile(r"postgresql[^:]*://[^:/?#@]*@[^@]*")
_PLACE = re.compile(r"([^:/?#]+://)(?:[^/?#]*@)?([^/?#@]*)([^@]*)")

_TOKEN_IN_PATH = frozenset({"webhook_url", "traces_url"})
"""Settings of which receivers have people keep the path secret."""


class SettingsError(NophotoError):
    """A setting has a value that nophoto cannot work with."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of `Settings` as people see it.

    Attributes:
        variable: the environment variable that sets it.
        value: what is in force, with secrets masked.
        origin: where that comes from.
    """

    name: str
    variable: str
    value: Any
    origin: Origin
    description: str


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: naming each variable that is wrong, and why; never its value.
    """
    try:
        loaded = settings()
    except ValidationError as error:
        reasons = "; ".join(_reasons(error))
        raise SettingsError(
            f"the settings are not valid: {reasons}. `nophoto settings --help` says how to set them"
        ) from error
    for url in filter(None, loaded.broker_url.get_secret_value().split(";")):
        if url.partition("://")[0] not in BROKER_SCHEMES:
            raise SettingsError(
                "NOPHOTO_BROKER_URL does not begin with one of "
                + ", ".join(f"{scheme}://" for scheme in BROKER_SCHEMES)
            )
    return loaded


def describe(settings: Settings) -> list[Setting]:
    """Every setting, in the order of the class, secrets masked."""
    return [
        Setting(
            name=name,
            variable=_variable(name),
            value=_shown(name, getattr(settings, name)),
            origin=_origin(settings, name),
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def mask_secrets(urls: str) -> str:
    """A URL, or several with `;` between them as Celery takes them, without what may be secret.

    Passwords are masked, what stands alone before an `@` unless it is a database's user, and all
    values of a query.
    """
    return ";".join(_mask(url) for url in urls.split(";"))


def _mask(url: str) -> str:
    if url and "://" not in url:
        return MASK  # whatever it is, it may hold a password
    # Up to the last @, since a password may hold one where it was not quoted.
    masked = _PASSWORD.sub(rf"\1{MASK}@", url)
    if masked == url and not _NAMES_A_USER.fullmatch(url):
        masked = _USER_INFO.sub(f"//{MASK}@", url)
    place, mark, query = masked.partition("?")
    return place + mark + "&".join(_mask_value(part) for part in query.split("&"))


def _mask_value(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}={MASK}" if equals else part and MASK


def _place(url: str) -> str:
    """Scheme and host of a URL."""
    if not url:
        return ""
    found = _PLACE.fullmatch(url)
    if found is None:
        return MASK
    scheme, host, rest = found.groups()
    return f"{scheme}{host}/{MASK}" if rest.strip("/") else f"{scheme}{host}"


def _shown(name: str, value: object) -> object:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if name in _TOKEN_IN_PATH:
        return _place(str(text))
    if isinstance(value, SecretStr):
        return mask_secrets(str(text))
    if name == "webhooks":
        return [f"{endpoint.name} {_place(endpoint.url.get_secret_value())}" for endpoint in value]  # type: ignore[attr-defined]
    if isinstance(value, tuple):
        return [mask_secrets(part) if "://" in part else part for part in value]
    if isinstance(value, Mapping):
        return json.dumps(value)
    if isinstance(value, str) and "://" in value:
        return mask_secrets(value)
    if isinstance(value, int | float | str):
        return value
    return str(value)


def _variable(name: str) -> str:
    return f"{Settings.model_config['env_prefix']}{name}".upper()


def _origin(settings: Settings, name: str) -> Origin:
    if _variable(name) in {variable.upper() for variable in os.environ}:
        return "environment"
    if name not in settings.model_fields_set:
        return "default"
    secrets = {file.name.upper() for file in SECRETS.iterdir()} if SECRETS.is_dir() else set()
    in_file = {variable.upper() for variable in dotenv_values(".env")}
    return "secret" if _variable(name) in secrets - in_file else ".env"


def _reasons(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_context=False, include_url=False):
        message = problem["msg"].removeprefix("Value error, ")
        name = ".".join(map(str, problem["loc"][:1]))
        yield f"{_variable(name)}: {message}" if name else message
