"""Keys, scopes, rates, Idempotency-Key, sizes and problem details."""

import socket
import subprocess
import sys
from datetime import timedelta
from time import monotonic, sleep

import httpx
import pytest
from sqlalchemy import update

from nophoto.api.callers import REMEMBERED_SECONDS
from nophoto.jobs.operations.api_keys import add_key, revoke_key
from nophoto.models.records import clock
from nophoto.models.records.access import api_keys
from nophoto.models.records.tables import ApiKey, IdempotentAnswer, Scope
from tests.api.serving import Served, serving

PROBLEM = "application/problem+json"
UPLOAD = {"key": "a", "uri": "/a.jpg"}

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_the_first_key_closes_the_loopback(served: Served) -> None:
    with served.anybody() as anybody:
        assert anybody.post("/v1/uploads", json=UPLOAD).status_code == 202
    with served.client() as client, served.anybody() as anybody:
        assert client.get("/v1/uploads").status_code == 200
        deadline = monotonic() + 60
        while anybody.get("/v1/uploads").status_code != 401:
            assert monotonic() < deadline
            sleep(0.2)


@pytest.mark.parametrize(
    "headers",
    [
        {"x_forwarded_for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
        {"host": "nophoto.example"},
        {"origin": "https://evil.example"},
        {"sec_fetch_site": "cross-site"},
    ],
)
def test_without_a_key_neither_a_proxy_nor_a_page_of_a_browser_comes_in(
    served: Served, headers: dict[str, str]
) -> None:
    with served.anybody(**headers) as anybody:
        answer = anybody.get("/v1/uploads")
    assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_allows_its_scopes_alone(served: Served) -> None:
    with served.client(Scope.UPLOADS_READ, name="reader") as reader:
        assert reader.get("/v1/uploads").status_code == 200
        refused = reader.post("/v1/uploads", json=UPLOAD)
    assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
    assert "uploads:write" in refused.json()["detail"]
    assert not served.rows()


def test_a_wrong_an_expired_and_a_revoked_key_are_refused_alike(served: Served) -> None:
    database = served.context.database
    expired = add_key(database, "expired", [*Scope], by="tests", days=1).secret
    revoked = add_key(database, "revoked", [*Scope], by="tests").secret
    revoke_key(database, "revoked")
    with database.transaction() as session:
        past = clock.now(session) - timedelta(days=1)
        session.execute(update(ApiKey).where(ApiKey.name == "expired").values(expires_at=past))
    told = set()
    for secret in (expired, revoked, "nophoto_unknown", "nophoto_" + "x" * 9_000):
        with served.anybody(authorization=f"Bearer {secret}") as client:
            answer = client.post("/v1/uploads", json=UPLOAD)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
        told.add(answer.text)
    assert len(told) == 1
    assert not served.rows()


def test_a_revocation_is_in_force_within_ten_seconds(served: Served) -> None:
    assert REMEMBERED_SECONDS < 10
    with served.client(name="leaving") as client:
        assert client.get("/v1/uploads").status_code == 200
        revoke_key(served.context.database, "leaving")
        revoked = monotonic()
        while client.get("/v1/uploads").status_code != 401:
            assert monotonic() < revoked + 10
            sleep(0.2)


def test_the_last_use_is_noted_and_of_a_secret_only_its_digest_is_stored(served: Served) -> None:
    made = add_key(served.context.database, "used", [Scope.UPLOADS_READ], by="tests")
    with served.anybody(authorization=f"Bearer {made.secret}") as client:
        client.get("/v1/uploads")
    with served.context.database.reading() as session:
        (row,) = api_keys.list_all(session)
        stored = session.get_one(ApiKey, row.id)
        values = [str(getattr(stored, column.key)) for column in ApiKey.__table__.columns]
    assert row.last_used_at is not None
    assert made.secret.startswith(row.prefix)
    assert made.secret not in " ".join(values)


def test_a_key_sends_no_more_than_its_rate(made_settings) -> None:
    with serving(made_settings(api_rate="3/minute")) as served:
        with served.client(name="slow") as slow:
            statuses = [slow.get("/v1/uploads").status_code for _ in range(5)]
            refused = slow.get("/v1/uploads")
        assert statuses == [200, 200, 200, 429, 429]
        assert refused.headers["content-type"] == PROBLEM
        assert 0 < int(refused.headers["retry-after"]) <= 60
        fast = add_key(
            served.context.database, "fast", [Scope.UPLOADS_READ], by="tests", rate="9/minute"
        )
        with served.anybody(authorization=f"Bearer {fast.secret}") as client:
            statuses = [client.get("/v1/uploads").status_code for _ in range(11)]
        assert statuses == [200] * 9 + [429] * 2


def test_an_address_cannot_try_secrets_for_ever(served: Served) -> None:
    with served.anybody() as anybody:
        statuses = [
            anybody.get("/v1/uploads", headers={"authorization": f"Bearer nophoto_{n}"}).status_code
            for n in range(40)
        ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_wrong_keys_do_not_shut_out_a_good_one_from_the_same_address(served: Served) -> None:
    with served.client(name="good") as good, served.anybody() as anybody:
        assert good.get("/v1/uploads").status_code == 200
        bad = {"authorization": "Bearer nophoto_stale"}
        while anybody.get("/v1/uploads", headers=bad).status_code != 429:
            pass
        refused = monotonic()
        # Until it is looked up again, and after.
        while monotonic() < refused + REMEMBERED_SECONDS + 1:
            assert good.get("/v1/uploads").status_code == 200
            sleep(0.2)
        revoke_key(served.context.database, "good")
        while good.get("/v1/uploads").status_code != 401:
            assert monotonic() < refused + 30
            sleep(0.2)


def test_beyond_the_loopback_only_what_a_proxy_brought_by_https_is_answered(made_settings) -> None:
    with serving(made_settings(api_proxies=("127.0.0.1",)), is_local=False) as served:
        with served.client() as client:
            plain = client.get("/v1/uploads")
            assert (plain.status_code, plain.headers["content-type"]) == (403, PROBLEM)
            secure = client.get("/v1/uploads", headers={"x-forwarded-proto": "https"})
            assert secure.status_code == 200
        with served.anybody(x_forwarded_proto="https") as anybody:
            assert anybody.get("/v1/uploads").status_code == 401
            assert anybody.get("/health/live").json() == {"status": "ok"}
    with (
        serving(made_settings(api_proxies=("192.0.2.1",)), is_local=False) as served,
        served.client(x_forwarded_proto="https") as client,
    ):
        assert client.get("/v1/uploads").status_code == 403


def test_an_idempotency_key_gives_the_first_answer_again(served: Served) -> None:
    with served.client(name="shop") as client, served.client(name="other") as other:
        key = {"idempotency-key": "order-17"}
        first = client.post("/v1/uploads", json=UPLOAD, headers=key)
        again = client.post("/v1/uploads", json=UPLOAD, headers=key)
        assert first.json()["new"] == again.json()["new"] == 1
        assert (first.status_code, again.status_code) == (202, 202)
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        reused = client.post("/v1/uploads", json={**UPLOAD, "key": "b"}, headers=key)
        assert (reused.status_code, reused.headers["content-type"]) == (422, PROBLEM)
        assert "idempotency" in reused.json()["type"]
        # Another key of the API has keys of its own.
        assert other.post("/v1/uploads", json=UPLOAD, headers=key).json()["known"] == 1
    assert [*served.rows()] == ["a"]


def test_an_error_is_not_kept_under_an_idempotency_key(served: Served) -> None:
    with served.client() as client:
        key = {"idempotency-key": "x"}
        bad = {"key": "a", "uri": ""}
        assert client.post("/v1/uploads", json=bad, headers=key).status_code == 422
        assert client.post("/v1/uploads", json=UPLOAD, headers=key).status_code == 202


def test_a_request_in_progress_and_one_that_was_lost_with_its_process(served: Served) -> None:
    database = served.context.database
    with served.client(name="shop") as client:
        key = {"idempotency-key": "x"}
        with database.transaction() as session:
            begun = clock.now(session)
            session.add(
                IdempotentAnswer(caller="shop", key="x", request="0" * 64, created_at=begun)
            )
        assert client.post("/v1/uploads", json=UPLOAD, headers=key).status_code == 422
        with database.transaction() as session:
            session.execute(update(IdempotentAnswer).values(created_at=begun - timedelta(days=1)))
        assert client.post("/v1/uploads", json=UPLOAD, headers=key).status_code == 202


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
def test_an_idempotency_key_that_cannot_be_kept(served: Served, key: str) -> None:
    with served.client() as client:
        answer = client.post("/v1/uploads", json=UPLOAD, headers={"idempotency-key": key})
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


def test_each_error_is_a_problem(served: Served) -> None:
    with served.client(content_type="application/json") as client:
        for answer, status in (
            (client.get("/nowhere"), 404),
            (client.put("/v1/uploads"), 405),
            (client.post("/v1/uploads", content="{"), 400),
            (client.post("/v1/uploads", content="[]"), 422),
            (client.post("/v1/uploads", content="7"), 422),
            (client.post("/v1/uploads", content=""), 422),
            (client.post("/v1/uploads", content="[" * 20_000), 400),
        ):
            assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
            told = answer.json()
            assert told["status"] == status
            assert told["type"].startswith("urn:problem-type:nophoto:")
            assert told["title"]
            assert told["detail"]
        for path, allowed in (
            ("/v1/uploads", "GET, POST"),
            ("/v1/uploads/a%2Fb", "DELETE, GET"),
            ("/v1/score", "POST"),
        ):
            assert client.put(path).headers["allow"] == allowed
        too_many = [UPLOAD] * 10_001
        assert client.post("/v1/uploads", json=too_many).status_code == 422


def test_a_body_that_is_not_sent_as_json_is_refused_with_the_header_that_it_lacks(
    served: Served,
) -> None:
    with served.client() as client:
        for content_type in ("", "application/x-www-form-urlencoded", "text/plain; charset=utf-8"):
            answer = client.post(
                "/v1/uploads",
                content='{"key": "a", "uri": "/a.jpg"}',
                headers={"content-type": content_type},
            )
            assert answer.status_code == 422
            assert "Content-Type: application/json" in answer.json()["detail"]
        for content_type in ("application/json; charset=utf-8", "application/problem+json"):
            answer = client.post("/v1/uploads", content="7", headers={"content-type": content_type})
            assert answer.json()["errors"][0]["pointer"] == "body"


def test_a_body_that_is_too_large_is_refused_before_it_comes(made_settings) -> None:
    with serving(made_settings(api_max_body=100_000)) as served, served.client() as client:
        stated = client.post("/v1/uploads", content=b"x" * 100_001)
        streamed = client.post("/v1/uploads", content=iter([b"[" + b" " * 60_000] * 2))
        for answer in (stated, streamed):
            assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
        # A gigabyte is stated and never sent: the answer comes at once.
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(
                b"POST /v1/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Length: 1073741824\r\nContent-Type: application/json\r\n\r\n"
            )
            assert raw.recv(64).startswith(b"HTTP/1.1 413")


def test_without_a_key_no_body_is_read(served: Served) -> None:
    with served.client():
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(
                b"POST /v1/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Length: 1000000\r\nContent-Type: application/json\r\n\r\n"
            )
            assert raw.recv(64).startswith(b"HTTP/1.1 401")


def test_a_database_that_is_away_is_a_problem_with_a_time_to_come_again(
    made_settings,
) -> None:
    with serving(made_settings()) as served, served.client() as client:
        assert client.get("/health/ready").status_code == 503  # no model version judges
        assert client.get("/v1/uploads").status_code == 200
    settings = made_settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    with serving(settings) as served, served.anybody() as anybody:
        for path in ("/v1/uploads", "/health/ready"):
            answer = anybody.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
            assert "127.0.0.1:1" not in answer.text
        assert anybody.get("/v1/uploads").headers["retry-after"]
        assert anybody.get("/health/live").status_code == 200


def test_it_does_not_start_beyond_the_loopback_without_keys_or_a_proxy(
    made_settings, tmp_path
) -> None:
    settings = made_settings()
    environment = {
        "NOPHOTO_HOME": str(settings.home),
        "NOPHOTO_DATABASE_URL": settings.effective_database_url,
        "NOPHOTO_BROKER_URL": settings.effective_broker_url,
    }

    def start(**more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "nophoto.jobs.cli", "api", "--host", "0.0.0.0"],
            env=environment | more,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        return done.stderr

    assert "NOPHOTO_API_PROXIES" in start()
    assert "nophoto keys add" in start(NOPHOTO_API_PROXIES="127.0.0.1")
    assert "300 a second" in start(NOPHOTO_API_PROXIES="127.0.0.1", NOPHOTO_API_RATE="300 a second")


def test_answers_are_kept_by_nobody_on_their_way(served: Served) -> None:
    with served.anybody() as anybody:
        answer: httpx.Response = anybody.get("/v1/uploads")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
