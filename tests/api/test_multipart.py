"""Reading forms: as their senders meant them, however they come, and nothing of a broken one."""

import asyncio
from collections.abc import Mapping, Sequence

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message

from nophoto.api.multipart import Form, read_multipart
from nophoto.api.problems import Problem

BOUNDARY = "a-boundary"

FILE = b"\r\n--a-boundar\r\n--\xff\x00" * 20
"""Of what looks like the end of a part."""

TYPE = f"multipart/form-data; boundary={BOUNDARY}"

PARTS = {
    "file": ("x.jpg", FILE),
    "key": (None, "übrigens/\r\n4711"),
    "empty": (None, ""),
}


def encoded(parts: Mapping[str, tuple[str | None, str | bytes]]) -> bytes:
    """The body of a form."""
    request = httpx.Request("POST", "http://x", files=parts, headers={"content-type": TYPE})
    return request.read()


BODY = encoded(PARTS)


def read(chunks: Sequence[bytes], content_type: str = TYPE) -> Form | None:
    """What is read of a body that comes in these chunks."""
    left = [*chunks]

    async def receive() -> Message:
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    headers = [(b"content-type", content_type.encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    return asyncio.run(read_multipart(request, 3))


def test_a_form_is_read_however_it_is_cut() -> None:
    expected = Form({"key": "übrigens/\r\n4711", "empty": ""}, {"file": FILE})
    assert read([BODY]) == expected
    assert read([BODY[at : at + 1] for at in range(len(BODY))]) == expected
    for at in range(len(BODY)):
        assert read([BODY[:at], BODY[at:]]) == expected, at


def test_what_is_not_a_form_is_left_alone() -> None:
    for content_type in ("", "image/jpeg", "application/x-www-form-urlencoded"):
        assert read([BODY], content_type) is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no end"),
        (BODY[:-10], "no end"),
        (b"--other\r\n", "not the form"),
        (BODY.replace(b'name="key"', b'name="file"'), "two parts"),
        (BODY.replace(b'name="key"', b'key="key"'), "no name"),
        (BODY.replace("ü".encode(), b"\xfc"), "UTF-8"),
        (BODY.replace(b"4711", b"1" * 2**20), "1,048,576"),
        (encoded({**PARTS, "more": (None, "x")}), "more than 3"),
        (b"--a-boundary\r\n" + b"X: y\r\n" * 100 + b"\r\n", "not the form"),
    ],
)
def test_a_broken_form_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(Problem, match=told) as raised:
        read([body])
    assert raised.value.status == 400


def test_a_form_without_boundary_is_refused() -> None:
    with pytest.raises(Problem, match="boundary"):
        read([BODY], "multipart/form-data")
    with pytest.raises(Problem, match="not the form"):
        read([BODY], "multipart/form-data; boundary=" + "b" * 1_000)
