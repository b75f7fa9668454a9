"""The form of `POST /v1/score`."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from nophoto.api.multipart import Form, read_multipart
from nophoto.api.problems import Problem
from nophoto.models.records.lifecycle.admission import (
    MAX_KEY,
    MAX_METADATA,
    MAX_URI,
    MAX_VERSION,
    NewUpload,
)

_ARRIVES_SECONDS = 20.0
"""That a file may take to arrive: until then it has a place that another could have."""

_LONGEST_NAME = 64
"""Of a collection; a longer one is unknown all the same."""

_WHAT = (
    "send a form (multipart/form-data) with either `file`, a file, or `uri`, a text; where `key` "
    "has it kept, with `uri`, and with `file` if you like"
)

FORM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "The picture's file, else the one at `uri` is read.",
        },
        "uri": {
            "type": "string",
            "maxLength": MAX_URI,
            "description": "Where it is, below NOPHOTO_ROOTS; with `key`, beside a `file` too.",
        },
        "collection": {
            "type": "string",
            "maxLength": 32,
            "description": "As whose upload it is judged; `default` if not given.",
        },
        "key": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_KEY,
            "description": "Keeps the picture as the upload with this key. It needs `uri`, and "
            "the scope `uploads:write` too.",
        },
        "version": {
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_VERSION,
            "description": "Of the upload that is kept.",
        },
        "metadata": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": f"Of the upload that is kept: a JSON object, {MAX_METADATA:,} bytes.",
        },
    },
}


@dataclass(frozen=True, slots=True)
class ScoreForm:
    """What was sent to be judged.

    Attributes:
        data: the picture; None where it is to be read from `uri`.
        uri: where it is; None where it is not to be kept and came with the request.
        collection: as whose upload it is judged; None where the form names none.
        item: the upload that it is kept as; None where nothing is kept.
    """

    data: bytes | None
    uri: str | None
    collection: str | None
    item: NewUpload | None


async def read_form(request: Request) -> ScoreForm:
    """The form of a request.

    Raises:
        Problem: 408 where it comes too slowly, 422 where it is not such a form.
    """
    try:
        async with asyncio.timeout(_ARRIVES_SECONDS):
            form = await read_multipart(request, len(FORM["properties"]))
    except TimeoutError as error:
        raise Problem(
            408, "too-slow", "The request took too long", "send it again, or a smaller file"
        ) from error
    if form is None:
        raise _invalid(_WHAT)
    if unknown := {*form.texts, *form.files} - {*FORM["properties"]}:
        raise _invalid(f"{min(unknown)[:_LONGEST_NAME]!r} is not a part of this form")
    data = form.files.get("file")
    uri, key, collection = (_text(form, name) for name in ("uri", "key", "collection"))
    if (data is None) == (uri is None) if key is None else uri is None:
        raise _invalid(_WHAT)
    named = collection[:_LONGEST_NAME] if collection else None
    item = None
    if key is not None:
        item = NewUpload(key, uri or "", _version(form), _metadata(form), named)
    return ScoreForm(data, uri, named, item)


def _text(form: Form, name: str) -> str | None:
    if name in form.files:
        raise _invalid(f"`{name}` is a text, and no file")
    return form.texts.get(name)


def _version(form: Form) -> int | None:
    text = _text(form, "version")
    if not text:
        return None
    # Of digits alone: int() takes signs, spaces and other alphabets too.
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_VERSION):
        raise _invalid(f"`version` is a whole number from 0 to {MAX_VERSION}")
    return int(text)


def _metadata(form: Form) -> dict[str, object] | None:
    text = _text(form, "metadata")
    if not text:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid("`metadata` is not valid JSON") from error
    if not isinstance(value, dict):
        raise _invalid("`metadata` is not a JSON object")
    return value


def _invalid(detail: str) -> Problem:
    return Problem(422, "invalid-request", "The request is not valid", detail)
