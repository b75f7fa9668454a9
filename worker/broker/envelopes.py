"""What a message must look like before Celery gets to see it.

Celery reads what stands in a queue as if it had put it there itself: bytes that are no JSON, a
body that is no base64 or a header of another type would end the worker.
"""

import json
from base64 import b64decode
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

MOST_BYTES = 8 * 2**20
"""Of one message: the 10,000 uploads that a task looks at, with keys and URIs of 300 bytes each."""

_YEARS = range(2000, 2100)
"""Beyond them dates overflow on their way through time zones."""


class RefusedMessageError(ValueError):
    """The bytes are no message that a worker may take."""


def _check_date(text: str) -> str:
    if datetime.fromisoformat(text).year not in _YEARS:
        raise ValueError("the year is out of range")
    return text


_Text = Annotated[str, Field(max_length=1_000)]
_Date = Annotated[_Text, AfterValidator(_check_date)]


class _Part(BaseModel):
    # What a newer version adds is no reason to refuse a message.
    model_config = ConfigDict(extra="ignore", strict=True)


class _DeliveryInfo(_Part):
    exchange: _Text
    routing_key: _Text


class _Properties(_Part):
    delivery_tag: _Text
    delivery_info: _DeliveryInfo
    body_encoding: Literal["base64"] | None = None
    reply_to: _Text | None = None
    correlation_id: _Text | None = None


class _Task(_Part):
    """In the headers by Celery's protocol 2, in the body by protocol 1."""

    id: _Text
    task: _Text
    shadow: _Text | None = None
    root_id: _Text | None = None
    parent_id: _Text | None = None
    group: _Text | None = None
    eta: _Date | None = None
    expires: _Date | None = None
    retries: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    argsrepr: str | None = None
    kwargsrepr: str | None = None
    stamps: dict[str, Any] | None = None
    stamped_headers: list[str] | None = None


class _Body(_Part):
    positional: list[Any]
    named: dict[str, Any]
    embedded: dict[str, Any] | None = None


class _Envelope(_Part):
    body: str
    properties: _Properties
    headers: dict[str, Any]
    content_type: Literal["application/json"] = Field(alias="content-type")
    content_encoding: Literal["utf-8"] = Field(alias="content-encoding")


def validate_message(data: bytes) -> None:
    """Make sure that `data` is a message that Celery can read and a worker may take.

    What its task makes of the arguments is the task's business.

    Raises:
        RefusedMessageError: saying what is wrong, and nothing of what the message says.
    """
    if len(data) > MOST_BYTES:
        raise RefusedMessageError(
            f"it has {len(data):,} bytes, and at most {MOST_BYTES:,} are read"
        )
    try:
        envelope = _Envelope.model_validate(json.loads(data))
        if "compression" in envelope.headers:
            # Nothing of ours is compressed, and a few bytes may unpack to gigabytes.
            raise RefusedMessageError("it is compressed")
        # By hand a body is written as it is; Celery's own are encoded.
        is_encoded = envelope.properties.body_encoding is not None
        body = json.loads(b64decode(envelope.body) if is_encoded else envelope.body)
        if "task" in envelope.headers:
            _Task.model_validate(envelope.headers)
            positional, named, embedded = body
            _Body(positional=positional, named=named, embedded=embedded)
        else:
            _Task.model_validate(body)
            _Body(positional=body.get("args", []), named=body.get("kwargs", {}))
    except RefusedMessageError:
        raise
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "message"
        raise RefusedMessageError(f"{place}: {first['msg']}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise RefusedMessageError(f"{type(error).__name__}: {error}"[:200]) from error
