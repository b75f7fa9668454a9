"""Signing webhooks by https://www.standardwebhooks.com, which has libraries that check them."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import sha256

from nophoto.models.errors import NophotoError

_PREFIX = "whsec_"
_LEAST = 24
"""Bytes of a secret; the standard's bound."""


class WebhookSecretError(NophotoError):
    """A secret that nothing can be signed with."""


def read_secrets(text: str) -> list[bytes]:
    """The secrets in `text`, separated by commas, each base64 with or without `whsec_` before it.

    Several are for the time in which receivers change over from one to the next: each of them
    signs.

    Raises:
        WebhookSecretError: if there is none, or one is too short or no base64.
    """
    secrets = []
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            secret = base64.b64decode(part.removeprefix(_PREFIX), validate=True)
        except binascii.Error as error:
            raise _wrong("is no base64") from error
        if len(secret) < _LEAST:
            raise _wrong(f"has {len(secret)} bytes, fewer than {_LEAST}")
        secrets.append(secret)
    if not secrets:
        raise _wrong("is empty")
    return secrets


def sign(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers `webhook-id`, `webhook-timestamp` and `webhook-signature` of a request.

    Each signature is the HMAC-SHA256 of `{id}.{timestamp}.{body}`.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (hmac.digest(secret, signed, sha256) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }


def _wrong(what: str) -> WebhookSecretError:
    return WebhookSecretError(
        f"NOPHOTO_WEBHOOK_SECRET {what}. Make one with "
        "`echo whsec_$(openssl rand -base64 32)`, and give it to the receiver too"
    )
