"""A webhook is one signed POST, to the one address of the settings, and never takes long."""

import asyncio
import json
import ssl
from collections.abc import Callable
from uuid import UUID

import pytest
import trustme
from aiohttp import web
from standardwebhooks import Webhook as Verifier

from nophoto.models.records.notifications.notices import DueNotice
from nophoto.worker.notifications.channel import DeliveryFailure
from nophoto.worker.notifications.signing import WebhookSecretError
from nophoto.worker.notifications.webhook_channel import Webhook, WebhookAddressError, seconds_of
from nophoto.worker.settings import Settings
from tests.worker.notifications.conftest import SECRET

NOTICE = DueNotice(
    id=7,
    message_id=UUID(int=1),
    event={
        "type": "upload.judged",
        "timestamp": "2026-01-31T08:30:00+00:00",
        "data": {"key": "photo/ü", "verdict": "placeholder", "failure": None},
    },
    attempts=0,
)


def send(settings: Settings, times: int = 1) -> list[str | None]:
    async def send() -> list[str | None]:
        webhook = Webhook(settings)
        await webhook.open()
        try:
            failures = [await webhook.send(NOTICE) for _ in range(times)]
            return [failure and failure.reason for failure in failures]
        finally:
            await webhook.close()

    return asyncio.run(send())


async def accept(_: web.Request) -> web.Response:
    return web.Response(status=204)


def test_the_receiver_can_check_and_read_it(receive, webhook_settings) -> None:
    receiver = receive(accept)
    assert send(webhook_settings(receiver.url), times=2) == [None, None]
    for body, headers in zip(receiver.bodies, receiver.headers, strict=True):
        said = Verifier(SECRET).verify(body, headers)
        assert said["sequence"] == 7
        assert said["data"]["key"] == "photo/ü"
        assert headers["content-type"] == "application/json"
    assert receiver.bodies[0] == receiver.bodies[1]
    assert receiver.headers[0]["webhook-id"] == receiver.headers[1]["webhook-id"]


def test_a_refusal_is_told_with_what_the_receiver_said(receive, webhook_settings) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=503, text="closed\nfor the night " + "z" * 10_000)

    (error,) = send(webhook_settings(receive(refuse).url))
    assert error is not None
    assert error.startswith("127.0.0.1 answers 503: closed for the night zzz")
    assert len(error) < 300


@pytest.mark.parametrize(
    ("status", "is_away"), [(422, False), (410, False), (429, True), (500, True), (307, True)]
)
def test_only_what_any_notice_would_get_says_that_the_receiver_is_away(
    receive: Callable, webhook_settings: Callable, status: int, is_away: bool
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    async def send() -> DeliveryFailure | None:
        webhook = Webhook(webhook_settings(receive(refuse).url))
        await webhook.open()
        try:
            return await webhook.send(NOTICE)
        finally:
            await webhook.close()

    failure = asyncio.run(send())
    assert failure is not None
    assert failure.is_away == is_away


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Thu, 01 Jan 1970 00:10:00 GMT", 500),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("99999999999", 86_400),
        ("-1", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_what_retry_after_may_say(said: str, seconds: float) -> None:
    assert seconds_of(said, now=lambda: 100.0) == seconds


def test_a_redirect_leads_nowhere(receive, webhook_settings) -> None:
    inside = receive(accept)

    async def redirect(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(inside.url)

    (error,) = send(webhook_settings(receive(redirect).url))
    assert error is not None
    assert "redirect" in error
    assert "NOPHOTO_WEBHOOK_URL" in error
    assert inside.bodies == []


@pytest.mark.parametrize("status", [None, 500])
def test_a_receiver_that_answers_slowly_for_ever_is_left(
    receive: Callable, webhook_settings: Callable, status: int | None
) -> None:
    told = []

    async def drip(request: web.Request) -> web.StreamResponse:
        if status is None:
            await asyncio.sleep(30)
        answer = web.StreamResponse(status=status or 200)
        await answer.prepare(request)
        for _ in range(300):
            await answer.write(b".")
            await asyncio.sleep(0.1)
        told.append("everything")
        return answer

    (error,) = send(webhook_settings(receive(drip).url, webhook_timeout=0.5))
    assert not told
    assert error is not None
    assert status is not None or "0.5 seconds (NOPHOTO_WEBHOOK_TIMEOUT)" in error


def test_an_answer_that_never_ends_counts_by_its_status(receive, webhook_settings) -> None:
    told = []

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=200)
        await answer.prepare(request)
        for _ in range(300):
            await answer.write(b"." * 1000)
            await asyncio.sleep(0.1)
        told.append("everything")
        return answer

    assert send(webhook_settings(receive(endless).url, webhook_timeout=100)) == [None]
    assert not told


def test_a_receiver_that_is_not_there(webhook_settings) -> None:
    (error,) = send(webhook_settings("http://127.0.0.1:1/hook"))
    assert error is not None
    assert "127.0.0.1 cannot be reached" in error
    (error,) = send(webhook_settings("http://no-such-host.invalid/hook?token=s3cret"))
    assert error is not None
    assert "no-such-host.invalid cannot be reached" in error
    assert "s3cret" not in error


def test_certificates_are_checked_and_an_error_says_what_to_do(
    receive, webhook_settings, monkeypatch, tmp_path
) -> None:
    authority = trustme.CA()
    right = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(right)
    wrong = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("other.example").configure_cert(wrong)
    receiver, misnamed = receive(accept, ssl_context=right), receive(accept, ssl_context=wrong)
    (error,) = send(webhook_settings(receiver.url))
    assert error is not None
    assert "certificate of 127.0.0.1 is not trusted" in error
    assert "SSL_CERT_FILE" in error
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert send(webhook_settings(receiver.url)) == [None]
    (error,) = send(webhook_settings(misnamed.url))
    assert error is not None
    assert "other.example" in error or "mismatch" in error
    assert misnamed.bodies == []


@pytest.mark.parametrize(
    "url", ["shop.example/hook", "ftp://shop.example", "https://", "file:///x"]
)
def test_an_address_that_is_none_is_refused(url: str, webhook_settings) -> None:
    with pytest.raises(WebhookAddressError, match="NOPHOTO_WEBHOOK_URL"):
        Webhook(webhook_settings(url))


def test_unsigned_webhooks_are_not_sent() -> None:
    with pytest.raises(WebhookSecretError, match="NOPHOTO_WEBHOOK_SECRET"):
        Webhook(Settings(_env_file=None, webhook_url="https://shop.example/hook"))


def test_the_message_is_json_that_any_language_reads() -> None:
    from nophoto.worker.notifications.payload import body

    assert json.loads(body(NOTICE)) == {
        "type": "upload.judged",
        "timestamp": "2026-01-31T08:30:00+00:00",
        "sequence": 7,
        "data": {"key": "photo/ü", "verdict": "placeholder", "failure": None},
    }
