import json
import zlib
from base64 import b64encode

import pytest
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.envelopes import MOST_BYTES, RefusedMessageError, validate_message
from nophoto.worker.settings import Settings

UPLOADS = [{"key": "a", "uri": "/x/a"}]


@pytest.fixture
def sent(broker_url: str):
    """What Celery puts into the queue `interactive`, as it lies there."""

    def sent(app: Celery, *args: object, **options: object) -> bytes:
        app.send_task(*args, queue="interactive", **options)
        return Redis.from_url(broker_url.replace("redis+socket", "unix")).rpop("interactive")

    return sent


def altered(message: bytes, path: tuple[str, ...], value: object) -> bytes:
    """`message` with another value at `path`, in which `body` is followed by the body's JSON."""
    whole = json.loads(message)
    if path[0] == "body":
        return json.dumps(whole | {"body": b64encode(json.dumps(value).encode()).decode()}).encode()
    part = whole
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize("protocol", [1, 2])
def test_takes_what_celery_sends(sent, broker_url: str, protocol: int) -> None:
    backend = Celery(broker=broker_url, set_as_current=False)
    backend.conf.task_protocol = protocol
    validate_message(sent(backend, "nophoto.score", [UPLOADS]))
    validate_message(
        sent(backend, "nophoto.score", [UPLOADS], {"lane": "bulk"}, countdown=5, expires=60)
    )
    validate_message(
        sent(create_app(Settings(_env_file=None, broker_url=broker_url)), "nophoto.sweep")
    )


def test_takes_a_body_that_is_not_encoded(sent, broker_url: str) -> None:
    whole = json.loads(sent(Celery(broker=broker_url, set_as_current=False), "nophoto.score"))
    del whole["properties"]["body_encoding"]
    validate_message(json.dumps(whole | {"body": json.dumps([[UPLOADS], {}, {}])}).encode())
    with pytest.raises(RefusedMessageError):
        validate_message(json.dumps(whole | {"body": "{"}).encode())


def test_takes_fields_of_a_newer_version(sent, broker_url: str) -> None:
    message = sent(Celery(broker=broker_url, set_as_current=False), "nophoto.score", [UPLOADS])
    validate_message(altered(message, ("headers", "from_the_future"), {"a": 1}))
    validate_message(altered(message, ("novelty",), [1]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"body": 1}',
        b'{"headers": {}, "body": "x"}',
        b"9" * 5_000,
        b" " * (MOST_BYTES + 1),
    ],
)
def test_refuses_bytes_that_are_no_message(data: bytes) -> None:
    with pytest.raises(RefusedMessageError):
        validate_message(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("body",), 7),
        (("body",), [[], {}]),
        (("body",), [{}, [], None]),
        (("content-type",), "application/x-python-serialize"),
        (("content-encoding",), "binary"),
        (("headers",), None),
        (("headers", "task"), ["nophoto.score"]),
        (("headers", "task"), None),
        (("headers", "id"), None),
        (("headers", "eta"), "tomorrow"),
        (("headers", "eta"), "9999-12-31T23:59:59-12:00"),
        (("headers", "expires"), 5),
        (("headers", "retries"), "many"),
        (("headers", "retries"), 10**30),
        (("headers", "compression"), "zlib"),
        (("headers", "stamps"), [1]),
        (("properties",), []),
        (("properties", "delivery_tag"), {"a": 1}),
        (("properties", "delivery_info"), {}),
        (("properties", "body_encoding"), "rot13"),
    ],
)
def test_refuses_fields_that_celery_would_stumble_over(
    sent, broker_url: str, path: tuple[str, ...], value: object
) -> None:
    message = sent(Celery(broker=broker_url, set_as_current=False), "nophoto.score", [UPLOADS])
    with pytest.raises(RefusedMessageError):
        validate_message(altered(message, path, value))


def test_refuses_a_body_that_is_no_base64(sent, broker_url: str) -> None:
    message = sent(Celery(broker=broker_url, set_as_current=False), "nophoto.score", [UPLOADS])
    for body in ("x", "\u00e4", b64encode(zlib.compress(b"[]")).decode(), ""):
        with pytest.raises(RefusedMessageError):
            validate_message(json.dumps(json.loads(message) | {"body": body}).encode())


@given(st.binary())
def test_no_bytes_are_beyond_it(data: bytes) -> None:
    with pytest.raises(RefusedMessageError):
        validate_message(data)
