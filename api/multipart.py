"""Reads a form (multipart/form-data) into memory.

Starlette's own reader keeps each file in a temporary one, which is read again at once here; without
that a form takes half the time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from nophoto.api.problems import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_LONGEST_TEXT = 2**20
"""Bytes of a part that is not a file, at most."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds.

    Attributes:
        texts: by name.
        files: by name.
    """

    texts: dict[str, str]
    files: dict[str, bytes]


async def read_multipart(request: Request, most: int) -> Form | None:
    """The form that a request sends; None where its body is none by its `Content-Type`.

    Args:
        request: whose body nobody has read yet.
        most: parts, each of another name.

    Raises:
        Problem: 400 where the form is malformed or has more parts.
    """
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type != b"multipart/form-data":
        return None
    if not (boundary := options.get(b"boundary")):
        raise _malformed("the Content-Type names no boundary")
    parts = _Parts(most)
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        async for chunk in request.stream():
            parser.write(chunk)
    except FormParserError as error:
        raise _malformed("the body is not the form that its Content-Type says it is") from error
    if not parts.is_complete:
        raise _malformed("the form has no end")
    return Form(parts.texts, parts.files)


class _Parts:
    """Takes the parts of a form from its parser."""

    def __init__(self, most: int) -> None:
        self.texts: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.is_complete = False
        self._most = most
        self._header = self._value = self._disposition = b""

    def callbacks(self) -> "MultipartCallbacks":
        """As the parser takes them."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._take_header,
            "on_header_value": self._take_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._take_data,
            "on_part_end": self._end,
            "on_end": self._complete,
        }

    def _begin(self) -> None:
        self._disposition = b""

    def _take_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise _malformed("a part of the form has no name")
        self._name = _decoded(options[b"name"])
        if self._name in self.texts or self._name in self.files:
            raise _malformed("the form has two parts of one name")
        if len(self.texts) + len(self.files) == self._most:
            raise _malformed(f"the form has more than {self._most} parts")
        self._is_file = b"filename" in options
        self._data: list[bytes] = []
        self._length = 0

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])
        self._length += end - start
        if not self._is_file and self._length > _LONGEST_TEXT:
            raise _malformed(f"a part that is not a file has at most {_LONGEST_TEXT:,} bytes")

    def _end(self) -> None:
        data = b"".join(self._data)
        if self._is_file:
            self.files[self._name] = data
        else:
            self.texts[self._name] = _decoded(data)

    def _complete(self) -> None:
        self.is_complete = True


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _malformed("a name or a text of the form is not UTF-8") from error


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed-request", "Malformed request", detail)
