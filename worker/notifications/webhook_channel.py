"""The platform's webhook: one signed POST a notice."""

import ssl
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from time import time
from urllib.parse import urlsplit

import aiohttp

from nophoto.models.errors import NophotoError
from nophoto.models.records.notifications.notices import DueNotice
from nophoto.models.records.tables import Channel
from nophoto.worker.notifications.channel import DeliveryFailure
from nophoto.worker.notifications.payload import body, message_id
from nophoto.worker.notifications.signing import read_secrets, sign
from nophoto.worker.settings import Settings, WebhookEndpoint

_READ_AT_MOST = 1 << 12
"""Bytes of a refusal."""

_SHOWN = 200
"""Characters of a refusal's text that are kept for people."""

_COME_BACK_LATER = (408, 425, 429)
"""Of the statuses that blame the request, those that another request would get as well."""

_GONE = 410
_NAMES_A_TIME = (429, 503)
"""Of which `Retry-After` says when to come again."""

_LONGEST_RETRY_AFTER = 86_400.0
"""Seconds; a receiver that names a year has made a mistake."""

_SLACK = 5.0
"""Seconds by which a lease outlasts the longest request."""


class WebhookAddressError(NophotoError):
    """A URL that no webhook can be sent to."""


class Webhook:
    """Sends notices to a URL of the settings, and to no other: redirects are not followed.

    Args:
        settings: the URL, the secret and the types of events, and how long a request may take.
        endpoint: a further webhook of the settings, in the first one's place.

    Raises:
        WebhookAddressError: if the URL is none of HTTP's.
        WebhookSecretError: if nothing can be signed.
    """

    at_once = 64

    def __init__(self, settings: Settings, endpoint: WebhookEndpoint | None = None) -> None:
        self.channel: str = endpoint.channel if endpoint else Channel.WEBHOOK
        self._setting = "NOPHOTO_WEBHOOKS" if endpoint else "NOPHOTO_WEBHOOK_URL"
        self._url = (endpoint.url if endpoint else settings.webhook_url).get_secret_value()
        parts = urlsplit(self._url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WebhookAddressError(
                f"the {self.channel} in {self._setting} is not an HTTP address; write "
                "https://host/path"
            )
        self._host = parts.hostname
        own = endpoint.secret.get_secret_value() if endpoint else ""
        self._secrets = read_secrets(own or settings.webhook_secret.get_secret_value())
        self._timeout = settings.webhook_timeout
        self._events = endpoint.events if endpoint else settings.webhook_events
        self.lease_seconds = self._timeout + _SLACK
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the pool of connections."""
        self._session = aiohttp.ClientSession(
            # Made here, so that SSL_CERT_FILE counts as it stands now.
            connector=aiohttp.TCPConnector(limit=self.at_once, ssl=ssl.create_default_context()),
            # For the whole request: a receiver that sends a byte now and then is too slow as well.
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            # A receiver's cookies are not for us to keep.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"content-type": "application/json", "user-agent": "nophoto"},
            trust_env=True,
        )

    async def send(self, notice: DueNotice) -> DeliveryFailure | None:
        """Why the receiver did not take it; it takes it by answering with a status of 2xx.

        A notice of a type that the settings leave out counts as taken, and is not sent.
        """
        assert self._session is not None  # noqa: S101 -- opened before
        if self._events and notice.event["type"] not in self._events:
            return None
        data = body(notice)
        headers = sign(self._secrets, message_id(notice), int(time()), data)
        try:
            async with self._session.post(
                self._url, data=data, headers=headers, allow_redirects=False
            ) as answer:
                # The status alone counts: a body that never ends is not waited for.
                if 200 <= answer.status < 300:
                    return None
                text = await answer.content.read(_READ_AT_MOST)
                return self._failure(answer.status, text, answer.headers.get("Retry-After", ""))
        except aiohttp.ClientConnectorCertificateError as error:
            return DeliveryFailure(
                f"the certificate of {self._host} is not trusted "
                f"({error.certificate_error}). Let the receiver have a valid one, or name its "
                "authority's in SSL_CERT_FILE"
            )
        except TimeoutError:
            return DeliveryFailure(
                f"no answer within {self._timeout:g} seconds (NOPHOTO_WEBHOOK_TIMEOUT)"
            )
        except (aiohttp.ClientError, OSError) as error:
            return DeliveryFailure(
                f"{self._host} cannot be reached ({error or type(error).__name__})"
            )

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _failure(self, status: int, text: bytes, retry_after: str) -> DeliveryFailure:
        if 300 <= status < 400:
            return DeliveryFailure(
                f"{self._host} answers {status}, a redirect, which is not followed. Set "
                f"{self._setting} to where the receiver really is"
            )
        said = " ".join(text.decode(errors="replace").split())[:_SHOWN]
        return DeliveryFailure(
            f"{self._host} answers {status}" + (f": {said}" if said else ""),
            is_away=status not in range(400, 500) or status in _COME_BACK_LATER,
            is_gone=status == _GONE,
            retry_after=seconds_of(retry_after) if status in _NAMES_A_TIME else 0.0,
        )


def seconds_of(retry_after: str, now: Callable[[], float] = time) -> float:
    """What the header `Retry-After` asks for, a number of seconds or a date; 0 for anything else.

    Args:
        retry_after: the header's value.
        now: seconds since 1970.
    """
    if retry_after.strip().isdecimal():
        return min(float(retry_after), _LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(retry_after).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(0.0, at - now()), _LONGEST_RETRY_AFTER)
