"""Sending uploads and asking for them, over a real socket, with PostgreSQL and Valkey."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from sqlalchemy import select

from nophoto.api.routes.uploads import MOST
from nophoto.models.records.access import audit
from nophoto.models.records.lifecycle import refusals
from nophoto.models.records.review import reviews
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Failed, record_outcomes
from nophoto.models.records.tables import Appeal, Base, Lane, Scope
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.settings import Settings
from tests.api.serving import Served, serving

PROBLEM = "application/problem+json"

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def fail(served: Served, key: str, code: FailureCode) -> None:
    """Let an upload end as a worker would."""
    with served.context.database.transaction() as session:
        claim = claims.claim(session, [served.rows()[key].id], 60)
        failed = Failed(claim.uploads[0].id, None, code, f"{key} is outside the allowed roots")
        record_outcomes(session, claim.token, [], [failed], "none", 0)


def test_one_upload_is_queued_and_workers_are_told(served: Served) -> None:
    with served.client() as client:
        answer = client.post("/v1/uploads", json={"key": "photo/4711", "uri": "/srv/4711.jpg"})
        assert (answer.status_code, answer.json()) == (
            202,
            {
                "new": 1,
                "known": 0,
                "replaced": 0,
                "refused": 0,
                "published": True,
                "items": [{"key": "photo/4711", "outcome": "new", "reason": None, "code": None}],
            },
        )
        again = client.post("/v1/uploads", json={"key": "photo/4711", "uri": "/srv/4711.jpg"})
        assert again.json()["known"] == 1
    app = create_app(served.context.settings)
    assert waiting(app, Lane.INTERACTIVE) == 1
    assert served.rows()["photo/4711"].uri == "/srv/4711.jpg"


def test_of_ten_thousand_one_that_is_bad_is_refused_alone_and_told_why(served: Served) -> None:
    uploads: list[object] = [{"key": f"{n}", "uri": f"/srv/{n}.jpg"} for n in range(MOST)]
    uploads[777] = {"key": "k" * 600, "uri": "/srv/777.jpg"}
    with served.client() as client:
        answer = client.post("/v1/uploads", json=uploads)
    told = answer.json()
    assert (answer.status_code, told["new"], told["refused"]) == (202, MOST - 1, 1)
    assert told["items"][777]["outcome"] == "refused"
    assert "at most 512" in told["items"][777]["reason"]
    assert told["items"][777]["code"] == "key"
    assert [item["key"] for item in told["items"][:3]] == ["0", "1", "2"]
    assert len(served.rows()) == MOST - 1


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"key": "a"}, "uri: Field required"),
        ({"key": "a", "uri": 7}, "uri: Input should be a valid string"),
        ({"key": "", "uri": "/a"}, "key: String should have at least 1 character"),
        ({"key": "a", "uri": "/a", "lanes": "bulk"}, "lanes: Extra inputs are not permitted"),
        ({"key": "a", "uri": "/a", "lane": "night"}, "lane: Input should be"),
        ({"key": "a\0", "uri": "/a"}, "NUL"),
        ({"key": "a", "uri": "/\ud800"}, "uri: "),
        ({"key": "a", "uri": "https://me:secret@host/a.jpg"}, "holds a password"),
        ("a", "the upload: Input should be"),
        (None, "the upload: Input should be"),
    ],
)
def test_what_is_no_upload_is_refused_alone_or_answered_with_a_problem(
    served: Served, item: object, reason: str
) -> None:
    with served.client(content_type="application/json") as client:
        body = json.dumps([item, {"key": "sound", "uri": "/b"}])
        listed = client.post("/v1/uploads", content=body).json()
        alone = client.post("/v1/uploads", content=json.dumps(item))
    assert [each["outcome"] for each in listed["items"]] == ["refused", "new"]
    assert reason in listed["items"][0]["reason"]
    assert "secret" not in json.dumps(listed)
    assert (alone.status_code, alone.headers["content-type"]) == (422, PROBLEM)
    assert "secret" not in alone.text
    assert [*served.rows()] == ["sound"]


def test_items_keep_their_order_across_lanes(served: Served) -> None:
    uploads = [
        {"key": f"{n}", "uri": "/a.jpg", "lane": "bulk" if n % 2 else "interactive"}
        for n in range(9)
    ]
    with served.client() as client:
        told = client.post("/v1/uploads", json=uploads).json()
    assert [item["key"] for item in told["items"]] == [f"{n}" for n in range(9)]
    app = create_app(served.context.settings)
    assert (waiting(app, Lane.INTERACTIVE), waiting(app, Lane.BULK)) == (1, 1)


def test_past_the_bound_nothing_is_taken_and_the_client_is_told_when_to_come_again(
    made_settings,
) -> None:
    with serving(made_settings(max_backlog=3)) as served, served.client() as client:
        uploads = [{"key": f"{n}", "uri": "/a.jpg"} for n in range(3)]
        assert client.post("/v1/uploads", json=uploads).status_code == 202
        full = client.post("/v1/uploads", json={"key": "more", "uri": "/a.jpg"})
        assert (full.status_code, full.headers["content-type"]) == (429, PROBLEM)
        assert int(full.headers["retry-after"]) > 0
        other = {"key": "other", "uri": "/a.jpg", "lane": "bulk"}
        assert client.post("/v1/uploads", json=other).status_code == 202
        assert {*served.rows()} == {"0", "1", "2", "other"}


def test_without_a_broker_uploads_are_stored_and_the_answer_says_so(made_settings) -> None:
    settings = made_settings(broker_url="redis://127.0.0.1:1/0")
    with serving(settings) as served, served.client() as client:
        told = client.post("/v1/uploads", json={"key": "a", "uri": "/a.jpg"}).json()
    assert (told["new"], told["published"]) == (1, False)


def test_an_upload_is_read_by_its_key_whatever_characters_that_has(served: Served) -> None:
    keys = ["photo/4711", "a/history", "с пробелом?#%", "..", "a//b", "100%2F"]
    with served.client() as client:
        client.post("/v1/uploads", json=[{"key": key, "uri": "/a.jpg"} for key in keys])
        for key in keys[:3] + keys[4:]:
            answer = client.get(f"/v1/uploads/{quote(key, safe='')}")
            assert (answer.status_code, answer.json().get("key")) == (200, key), answer.text
        assert client.get("/v1/uploads/photo/4711").json()["key"] == "photo/4711"
        history = client.get(f"/v1/uploads/{quote('a/history', safe='')}/history").json()
        assert (history["key"], history["entries"]) == ("a/history", [])
        listed = client.get("/v1/uploads", params={"key": ["..", "a//b", "unknown"]}).json()
        assert {item["key"] for item in listed["items"]} == {"..", "a//b"}


@pytest.mark.parametrize("key", ["unknown", "%00", "%FF", "k" * 600, "%F0%9F%98%80" * 100])
def test_an_unknown_key_is_not_found(served: Served, key: str) -> None:
    with served.client() as client:
        for path in (f"/v1/uploads/{key}", f"/v1/uploads/{key}/history"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
            assert answer.json()["type"] == "urn:problem-type:nophoto:not-found"


def test_pages_hold_each_upload_once_while_others_arrive(served: Served) -> None:
    with served.client() as client:
        client.post("/v1/uploads", json=[{"key": f"{n:03}", "uri": "/a"} for n in range(25)])
        seen, cursor = [], None
        while True:
            query = {"limit": 10, "key_prefix": "0"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/uploads", params=query).json()
            seen += [item["key"] for item in page["items"]]
            client.post("/v1/uploads", json={"key": f"0late-{len(seen)}", "uri": "/a"})
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == [f"{n:03}" for n in reversed(range(25))]


def test_a_cursor_of_another_filter_is_refused(served: Served) -> None:
    with served.client() as client:
        client.post("/v1/uploads", json=[{"key": f"{n}", "uri": "/a"} for n in range(3)])
        cursor = client.get("/v1/uploads", params={"limit": 1}).json()["next"]
        again = client.get("/v1/uploads", params={"limit": 2, "cursor": cursor})
        assert [item["key"] for item in again.json()["items"]] == ["1", "0"]
        for query in (
            {"cursor": cursor, "state": "queued"},
            {"cursor": "no cursor"},
            {"cursor": "W10"},
            {"cursor": cursor[:-3]},
        ):
            refused = client.get("/v1/uploads", params=query)
            assert (refused.status_code, refused.headers["content-type"]) == (422, PROBLEM)
            assert "cursor" in refused.json()["detail"]


def test_outside_the_roots_is_told_as_missing_is(served: Served) -> None:
    with served.client() as client:
        for key in ("outside", "missing"):
            client.post("/v1/uploads", json={"key": key, "uri": f"/{key}.jpg"})
        fail(served, "outside", FailureCode.FORBIDDEN)
        fail(served, "missing", FailureCode.MISSING)
        told = [client.get(f"/v1/uploads/{key}").json() for key in ("outside", "missing")]
        assert {each["failure"] for each in told} == {"missing"}
        assert len({each["failure_message"] for each in told}) == 1
        assert client.get("/v1/uploads/outside/history").json()["failure"] == "missing"
        listed = client.get("/v1/uploads", params={"failure": "missing"}).json()
        assert len(listed["items"]) == 2
        assert client.get("/v1/uploads", params={"failure": "forbidden"}).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"limit": 0},
        {"limit": 1001},
        {"since": "yesterday"},
        {"since": "2026-01-01"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"key_prefix": "\0"},
        {"colour": "red"},
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(served: Served, query: dict[str, str]) -> None:
    with served.client() as client:
        answer = client.get("/v1/uploads", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["errors"][0]["pointer"].startswith("query/")


def test_the_uploads_of_an_unknown_collection_are_not_found(served: Served) -> None:
    with served.client() as client:
        answer = client.get("/v1/uploads", params={"collection": "avatar"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
        assert "collection" in answer.json()["detail"]
        assert client.get("/v1/uploads", params={"collection": "default"}).status_code == 200
        filters = {"filters": {"collection": "avatar"}}
        assert client.post("/v1/runs/rescore", json=filters).status_code == 404


def test_another_uri_or_a_higher_version_replaces_and_an_older_one_is_refused(
    served: Served,
) -> None:
    with served.client() as client:

        def send(**more: object) -> dict[str, object]:
            told = client.post("/v1/uploads", json=[{"key": "a", "uri": "/1.jpg", **more}]).json()
            return told["items"][0]

        assert send(version=1, metadata={"seller": 7})["outcome"] == "new"
        assert send(version=2)["outcome"] == "replaced"
        assert send(uri="/2.jpg")["outcome"] == "replaced"
        older = send(version=1)
        assert (older["outcome"], older["code"]) == ("refused", "older-version")
        assert send(version=-1)["code"] == "version"
        assert send(version=True)["code"] == "version"
        assert send(metadata={"x": "y" * 5_000})["code"] == "metadata"
        assert send(collection="nowhere")["code"] == "unknown-collection"
        told = client.get("/v1/uploads/a").json()
    assert (told["uri"], told["version"], told["metadata"]) == ("/2.jpg", 2, {"seller": 7})
    assert told["collection"] == "default"


def test_a_refusal_is_counted_as_by_every_door(served: Served) -> None:
    with served.client() as client:
        uploads = [{"key": "a"}, {"key": "b", "uri": 7}, {"key": "c" * 600, "uri": "/c"}, 7]
        client.post("/v1/uploads", json=uploads)
    with served.context.database.reading() as session:
        counted = {code: count for code, count in refusals.counts(session).items() if count}
    assert counted == {"uri": 2, "key": 1, "malformed": 1}


def test_of_an_erased_upload_nothing_is_left_and_it_is_not_found(
    served: Served, made_settings: Callable[..., Settings]
) -> None:
    key, once = "photo/privately-named", {"idempotency-key": "first"}
    uploads = [{"key": key, "uri": "/secret-name.jpg"}, {"key": "b", "uri": "/b.jpg"}]
    path = f"/v1/uploads/{quote(key, safe='')}"
    with served.client(name="privacy") as client:
        client.post("/v1/uploads", json=uploads, headers=once)
        client.post(f"{path}/rejudge", headers={"idempotency-key": "second"})
        erased = client.delete(path, headers={"idempotency-key": "third"})
        assert erased.json() == {"key": key, "kept_elsewhere": False}
        for answer in (
            client.get(path),
            client.get(f"{path}/history"),
            client.delete(path),
            client.post(f"{path}/rejudge"),
        ):
            assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
        # The request that brought it brings it back no more.
        replayed = client.post("/v1/uploads", json=uploads, headers=once)
        assert replayed.headers["idempotency-replayed"] == "true"
        assert [item["key"] for item in replayed.json()["items"]] == ["an erased upload", "b"]
    with served.client(Scope.UPLOADS_WRITE, Scope.UPLOADS_READ) as narrow:
        assert narrow.delete("/v1/uploads/b").status_code == 403
    served.context.audit.write()
    with served.context.database.reading() as session:
        noted = audit.entries(session, limit=20, action="erase")
        for table in Base.metadata.sorted_tables:
            for row in session.execute(table.select()):
                assert "privately-named" not in repr(row), table.name
                assert "secret-name" not in repr(row), table.name
    assert [entry.by for entry in noted] == ["key:privacy"]
    assert [*served.rows()] == ["b"]


def test_an_upload_is_judged_again(served: Served) -> None:
    with served.client() as client:
        client.post("/v1/uploads", json={"key": "a/rejudge", "uri": "/a.jpg"})
        fail(served, "a/rejudge", FailureCode.MISSING)
        again = client.post("/v1/uploads/a%2Frejudge/rejudge")
        assert (again.status_code, again.json()) == (
            202,
            {"key": "a/rejudge", "published": True},
        )
        assert client.get("/v1/uploads/a%2Frejudge").json()["state"] == "queued"


def test_an_appeal_waits_for_a_second_moderator(served: Served) -> None:
    with served.client(name="shop") as client:
        client.post("/v1/uploads", json=[{"key": "a/b", "uri": "/a"}, {"key": "new", "uri": "/n"}])
        with served.context.database.transaction() as session:
            reviews.decide(session, [served.rows()["a/b"].id], Verdict.PLACEHOLDER, "ann")
        objection = {"by": "seller 7", "note": "it is my logo"}
        opened = client.post("/v1/uploads/a%2Fb/appeal", json=objection)
        assert (opened.status_code, opened.json()) == (202, {"key": "a/b", "opened": True})
        assert client.post("/v1/uploads/a%2Fb/appeal").json()["opened"] is False
        for path, status in (("unknown", 404), ("new", 409)):
            refused = client.post(f"/v1/uploads/{path}/appeal", json=objection)
            assert (refused.status_code, refused.headers["content-type"]) == (status, PROBLEM)
        too_long = client.post("/v1/uploads/a%2Fb/appeal", json={"note": "n" * 3_000})
        assert too_long.status_code == 422
    with served.client(Scope.UPLOADS_READ) as narrow:
        assert narrow.post("/v1/uploads/a%2Fb/appeal").status_code == 403
    with served.context.database.reading() as session:
        (appeal,) = session.scalars(select(Appeal))
        assert (appeal.by, appeal.note) == ("seller 7", "it is my logo")
        assert (appeal.verdict, appeal.first_reviewer) == ("placeholder", "ann")


def test_the_audit_names_the_key_of_each_write(served: Served) -> None:
    with served.client(name="shop") as client:
        for number in range(3):
            uploads = [{"key": f"{number}/{n}", "uri": "/a.jpg"} for n in range(5)]
            client.post("/v1/uploads", json=uploads)
        client.post("/v1/uploads/0%2F0/rejudge")
        client.get("/v1/uploads/0%2F0")
    served.context.audit.write()
    with served.context.database.reading() as session:
        noted = audit.entries(session, limit=20, action="http")
    told = {entry.subject: (entry.by, entry.details) for entry in noted}
    assert told == {
        "POST /v1/uploads/{key}/rejudge": ("key:shop", {"status": 202}),
        "POST /v1/uploads": (
            "key:shop",
            {"new": 15, "known": 0, "replaced": 0, "refused": 0},
        ),
    }


def test_two_replacements_at_once_leave_one_that_was_sent(served: Served) -> None:
    with served.client() as client, ThreadPoolExecutor(8) as threads:
        client.post("/v1/uploads", json={"key": "a", "uri": "/0.jpg"})

        def replace(number: int) -> str:
            upload = {"key": "a", "uri": f"/{number}.jpg", "version": number}
            return client.post("/v1/uploads", json=[upload]).json()["items"][0]["outcome"]

        outcomes = list(threads.map(replace, range(1, 17)))
        assert {*outcomes} <= {"replaced", "refused"}
        assert client.get("/v1/uploads/a").json()["version"] == 16
