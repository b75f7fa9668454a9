"""Types of values that several routes take."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from nophoto.api.problems import Problem
from nophoto.models.reasons import ReasonCode, reason_fields
from nophoto.models.records.lifecycle.uploads import MAX_KEY, MAX_URI

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


class Shape(BaseModel):
    """What is sent: a member that is not known is refused, since it may be misspelt."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """What is answered, made of a row."""

    model_config = ConfigDict(from_attributes=True)


class WithReason(View):
    """What is answered with a verdict."""

    reason: str | None = Field(
        description="Why the network's verdict is another than the score would make it, for people."
    )
    reason_code: ReasonCode | None = Field(description="The same for programs.")
    reason_parameters: dict[str, Any] | None = Field(
        description="What the reason speaks of: `reference_id`, `allowed_id`, `name`, `kind`, "
        "`text`, as far as the code has a use for them."
    )

    @model_validator(mode="before")
    @classmethod
    def _say_reason(cls, row: Any) -> Any:
        if isinstance(row, dict):
            return row
        values = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return values | reason_fields(row.reason)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character is not taken")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("this is not valid Unicode") from error
    return text


def _flag(value: object) -> object:
    if isinstance(value, bool) or value in ("true", "false"):
        return value
    raise ValueError("write true or false")


def _is_written_out(value: object) -> object:
    # Numbers would be taken for seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and _TIME.match(value)):
        return value
    raise ValueError("write a time with its zone, such as 2026-01-31T08:30:00Z")


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this time is out of range") from error


_Storable = AfterValidator(_storable)
Text = Annotated[str, _Storable]
Note = Annotated[str, StringConstraints(max_length=4_000), _Storable]
Name = Annotated[str, StringConstraints(max_length=512), _Storable]
Key = Annotated[str, StringConstraints(min_length=1, max_length=MAX_KEY), _Storable]
Uri = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URI), _Storable]
Time = Annotated[AwareDatetime, BeforeValidator(_is_written_out), AfterValidator(_in_utc)]
Flag = Annotated[bool, BeforeValidator(_flag)]
"""Of a query or a form."""
RowId = Annotated[int, Path(ge=1, lt=2**63)]


def key_of(quoted: str) -> str:
    """The key that stands in a path.

    Raises:
        Problem: 404 if no upload can have it.
    """
    try:
        key = unquote_to_bytes(quoted).decode()
    except UnicodeDecodeError:
        key = ""
    if not key or "\0" in key or len(key) > MAX_KEY:
        raise Problem(404, "not-found", "Not found", "no upload has this key")
    return key


KeyInPath = Annotated[
    str,
    Path(
        description="The upload's key. Write a slash in it as `%2F`.",
        # No limit here: a key that is too long is not found, like any other that is unknown.
    ),
]

Plain = dict[str, Any]
"""Values without a schema of their own, such as a run's parameters."""
