"""Signatures are what the standard's own library accepts."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from nophoto.worker.notifications.signing import WebhookSecretError, read_secrets, sign

secrets = st.binary(min_size=24, max_size=64)


def written(secret: bytes) -> str:
    return "whsec_" + base64.b64encode(secret).decode()


@given(old=secrets, new=secrets, text=st.text())
def test_the_library_accepts_the_signature_of_each_secret(
    old: bytes, new: bytes, text: str
) -> None:
    body = base64.b64encode(text.encode())
    body = b'{"text":"' + body + b'"}'
    keys = read_secrets(f" {written(old)},{written(new)} ,")
    headers = sign(keys, "msg_1", int(time.time()), body)
    for secret in (old, new):
        Webhook(written(secret)).verify(body, headers)


@given(secret=secrets, other=secrets.filter(lambda secret: len(set(secret)) > 1))
def test_the_library_refuses_what_was_changed(secret: bytes, other: bytes) -> None:
    now = int(time.time())
    headers = sign([secret], "msg_1", now, b'{"verdict":"real"}')
    receiver = Webhook(written(secret))
    with pytest.raises(WebhookVerificationError):
        receiver.verify(b'{"verdict":"placeholder"}', headers)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(b'{"verdict":"real"}', headers | {"webhook-id": "msg_2"})
    with pytest.raises(WebhookVerificationError):
        receiver.verify(b'{"verdict":"real"}', headers | {"webhook-timestamp": str(now + 1)})
    if other != secret:
        with pytest.raises(WebhookVerificationError):
            Webhook(written(other)).verify(b'{"verdict":"real"}', headers)


@pytest.mark.parametrize("text", ["", " , ", "whsec_no-base64!", "whsec_c2hvcnQ="])
def test_a_secret_that_signs_nothing_is_refused_and_not_printed(text: str) -> None:
    with pytest.raises(WebhookSecretError, match="openssl rand") as raised:
        read_secrets(text)
    assert text.strip(" ,") == "" or text not in str(raised.value)
