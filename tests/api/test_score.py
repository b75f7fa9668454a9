"""Judging a picture now: the same verdict as an upload, in confined decoders, within bounds."""

import io
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import httpx
import pytest
from PIL import Image
from skimage import data as photographs
from sqlalchemy import func, select

from nophoto.models.records import collections
from nophoto.models.records.access import audit
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.notifications import outbox
from nophoto.models.records.tables import Channel, Embedding, Notice, Scope
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Kind, KindMode
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.api.serving import Served, serving

PROBLEM = "application/problem+json"

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def photograph(side: int = 500) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photographs.chelsea()).resize((side, side)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def judging(
    database: Database, made_settings: Callable[..., Settings], killer: bytes
) -> Iterator[Served]:
    """A server with the shipped model version, whose decoding processes `killer` ends."""
    install_shipped(database)
    with serving(made_settings(max_bytes=2_000_000)) as served:
        yield served


def test_pictures_are_judged_as_uploads_are_and_no_row_is_kept(
    judging: Served, pictures: Path, killer: bytes
) -> None:
    tile = shipped_references()[0]
    (pictures / "tile.webp").write_bytes(tile.data)
    with judging.client() as client:
        by_file = client.post("/v1/score", files={"file": ("x.webp", tile.data)})
        by_uri = client.post("/v1/score", files={"uri": (None, str(pictures / "tile.webp"))})
        assert by_file.json() == by_uri.json()
        told = by_file.json()
        assert (by_file.status_code, told["verdict"]) == (200, "placeholder")
        assert told["kind"] == told["nearest"][0]["kind"]
        assert told["nearest"][0]["similarity"] > 0.999
        assert told["score"] >= 0
        assert told["digest"] == tile.digest
        real = client.post("/v1/score", files={"file": photograph()}).json()
        assert real["verdict"] == "real"
        assert len(real["nearest"]) == 5

        # One that kills its decoder costs that request alone.
        killed = client.post("/v1/score", files={"file": killer})
        assert (killed.status_code, killed.json()["failure"]) == (422, "crashed")
        assert client.post("/v1/score", files={"file": photograph()}).status_code == 200

        for content, failure in (
            (b"no picture at all", "unreadable"),
            (b"", "unreadable"),
            (photograph()[:3_000], "unreadable"),
            (b"x" * 2_000_001, "too-large"),
        ):
            refused = client.post("/v1/score", files={"file": ("x.jpg", content)})
            assert (refused.status_code, refused.headers["content-type"]) == (422, PROBLEM)
            assert refused.json()["failure"] == failure, refused.text
        huge = client.post("/v1/score", files={"file": ("x.jpg", b"x" * 20_000_000)})
        assert (huge.status_code, huge.headers["content-type"]) == (413, PROBLEM)
    assert not judging.rows()


def test_outside_the_roots_the_answer_is_that_for_a_missing_file(
    judging: Served, pictures: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(photograph())
    (pictures / "link.jpg").symlink_to(outside)
    uris = [
        "/etc/passwd",
        "/no/such/file.jpg",
        str(outside),
        str(pictures / "missing.jpg"),
        str(pictures / "link.jpg"),
        str(pictures / "../outside.jpg"),
        "s3://bucket/key.jpg",
        "http://127.0.0.1:1/a.jpg",
        "relative.jpg",
        "file://elsewhere/a.jpg",
    ]
    with judging.client() as client:
        told = {client.post("/v1/score", files={"uri": (None, uri)}).text for uri in uris}
    assert len(told) == 1
    assert '"failure":"missing"' in told.pop()


def test_with_a_key_the_picture_is_an_upload_that_was_judged_at_once(
    judging: Served, pictures: Path
) -> None:
    tile = shipped_references()[0]
    place = pictures / "tile.webp"
    place.write_bytes(tile.data)
    with judging.context.database.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])

    def ask(**fields: str) -> httpx.Response:
        form = {name: (None, value) for name, value in fields.items()}
        return client.post("/v1/score", files={"file": ("x.webp", tile.data), **form})

    with judging.client(name="form") as client:
        kept = ask(key="photo/1", uri="/elsewhere.webp", metadata='{"seller": 7}', version="3")
        assert (kept.status_code, kept.json()["kept"]) == (200, "new"), kept.text
        told = client.get("/v1/uploads/photo%2F1").json()
        for name in ("verdict", "score", "similarity", "kind", "model_version_id"):
            assert told[name] == kept.json()[name], name
        assert (told["state"], told["uri"]) == ("judged", "/elsewhere.webp")
        assert (told["version"], told["metadata"]) == (3, {"seller": 7})
        history = client.get("/v1/uploads/photo%2F1/history").json()["entries"]
        assert [entry["verdict"] for entry in history] == ["placeholder"]

        assert ask(key="photo/1", uri="/elsewhere.webp").json()["kept"] == "known"
        assert ask(key="photo/1", uri=str(place)).json()["kept"] == "replaced"
        older = ask(key="photo/1", uri="/older.webp", version="2")
        assert (older.status_code, older.json()["type"].rpartition(":")[2]) == (
            422,
            "upload-refused",
        )
        by_uri = client.post(
            "/v1/score", files={"key": (None, "photo/2"), "uri": (None, str(place))}
        )
        assert by_uri.json()["kept"] == "new"
        # What cannot be judged is an upload that failed, as by every door.
        broken = client.post(
            "/v1/score",
            files={"key": (None, "bad"), "uri": (None, "/b"), "file": ("x.jpg", b"no picture")},
        )
        assert (broken.status_code, broken.json()["failure"]) == (422, "unreadable")
        missing = client.post(
            "/v1/score", files={"key": (None, "gone"), "uri": (None, str(pictures / "gone.jpg"))}
        )
        assert missing.json()["failure"] == "missing"
    rows = judging.rows()
    assert {key: row.state for key, row in rows.items()} == {
        "photo/1": "judged",
        "photo/2": "judged",
        "bad": "failed",
        "gone": "failed",
    }
    with judging.context.database.reading() as session:
        # Of five outcomes, and of the refusal.
        assert session.scalar(select(func.count()).select_from(Notice)) == 6
        assert {*session.scalars(select(Embedding.digest))} >= {tile.digest}
    judging.context.audit.write()
    with judging.context.database.reading() as session:
        (noted,) = audit.entries(session, limit=5, action="http")
    assert (noted.by, noted.details) == (
        "key:form",
        {"new": 4, "known": 1, "replaced": 1, "refused": 1},
    )


def test_a_kept_picture_is_judged_by_the_settings_of_its_collection(
    judging: Served, pictures: Path
) -> None:
    tile = shipped_references()[0]
    with judging.context.database.transaction() as session:
        off = dict.fromkeys(Kind, KindMode.OFF)
        collections.add(session, CollectionRow("avatars", kinds=off), by="ann")
    with judging.client() as client:
        for fields in ({"collection": "avatars"}, {}):  # it stays where it is
            form = {"key": "face", "uri": "/face.webp", **fields}
            told = client.post(
                "/v1/score",
                files={
                    "file": tile.data,
                    **{name: (None, value) for name, value in form.items()},
                },
            ).json()
            assert told["verdict"] == "real"
        assert client.get("/v1/uploads/face").json()["verdict"] == "real"
        form = {"key": (None, "x"), "uri": (None, "/x"), "collection": (None, "no such")}
        assert client.post("/v1/score", files={"file": tile.data, **form}).status_code == 404


def test_keeping_needs_the_scope_of_sending(judging: Served) -> None:
    form = {"file": photograph(50), "key": (None, "a"), "uri": (None, "/a.jpg")}
    with judging.client(Scope.SCORE) as narrow:
        assert narrow.post("/v1/score", files={"file": photograph(50)}).status_code == 200
        assert narrow.post("/v1/score", files=form).status_code == 403
    assert not judging.rows()


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "a"},
        {"key": "", "uri": "/a"},
        {"key": "k" * 600, "uri": "/a"},
        {"key": "a", "uri": "/a", "version": "-1"},
        {"key": "a", "uri": "/a", "version": "99999999999999999999"},
        {"key": "a", "uri": "/a", "metadata": "no JSON"},
        {"key": "a", "uri": "/a", "metadata": "[]"},
        {"key": "a", "uri": "/a", "metadata": '{"x": "' + "y" * 5_000 + '"}'},
        {"key": "a", "uri": "https://me:secret@host/a.jpg"},
    ],
)
def test_what_cannot_be_kept_is_refused(judging: Served, fields: dict[str, str]) -> None:
    form = {name: (None, value) for name, value in fields.items()}
    with judging.client() as client:
        answer = client.post("/v1/score", files={"file": photograph(50), **form})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert "secret" not in answer.text
    assert not judging.rows()


def test_what_is_no_form_with_a_picture_is_refused(judging: Served) -> None:
    picture = photograph(50)
    with judging.client() as client:
        for request in (
            {"files": {"file": picture, "uri": (None, "/a.jpg")}},
            {"files": {"other": picture}},
            {"files": {"file": picture, "colection": (None, "avatars")}},
            {"files": {"file": picture, "thumbnail": picture}},
            {"files": {"uri": ("name.txt", b"/a.jpg")}},
            {"data": {}},
            {"json": {"uri": "/a.jpg"}},
            {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
            {"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            {"files": [("file", picture), ("file", picture)]},
        ):
            answer = client.post("/v1/score", **request)
            assert answer.status_code in (400, 422), request
            assert answer.headers["content-type"] == PROBLEM


def test_a_sender_that_goes_away_in_the_middle_is_no_error_of_the_server(judging: Served) -> None:
    client = judging.client()
    url = httpx.URL(judging.url)
    before = answered(judging, "400")
    with socket.create_connection((url.host, url.port or 0), timeout=10) as raw:
        head = (
            "POST /v1/score HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
            f"Authorization: {client.headers['authorization']}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-"
        )
        raw.sendall(head.encode())
        sleep(0.5)
    deadline = monotonic() + 20
    while answered(judging, "400") == before:
        assert monotonic() < deadline
        sleep(0.1)
    assert client.post("/v1/score", files={"file": photograph(50)}).status_code == 200
    client.close()
    assert not answered(judging, "500")


def answered(served: Served, status: str) -> float:
    """Requests for `POST /v1/score` that were answered with this status."""
    labels = {"route": "score", "method": "POST", "status": status}
    name = "nophoto_api_requests_total"
    return served.context.metrics.registry.get_sample_value(name, labels) or 0.0


def test_many_at_once_are_all_judged_and_beyond_the_bound_are_told_to_come_again(
    judging: Served,
) -> None:
    picture = photograph()
    with judging.client() as client, ThreadPoolExecutor(24) as threads:
        answers = list(
            threads.map(
                lambda _: client.post("/v1/score", files={"file": picture}).json(), range(48)
            )
        )
    assert {answer["verdict"] for answer in answers} == {"real"}
    assert len({answer["score"] for answer in answers}) == 1


def test_a_full_server_answers_503_and_lets_another_key_in(
    database: Database, made_settings: Callable[..., Settings]
) -> None:
    install_shipped(database)
    with serving(made_settings(api_score_waiting=0, threads=1)) as served:
        picture = photograph()
        statuses: set[int] = set()
        with served.client() as busy, served.client() as other:
            stop = monotonic() + 20

            def send() -> None:
                while monotonic() < stop and 503 not in statuses:
                    answer = busy.post("/v1/score", files={"file": picture})
                    statuses.add(answer.status_code)
                    if answer.status_code == 503:
                        assert answer.headers["content-type"] == PROBLEM
                        assert answer.headers["retry-after"] == "1"

            threads = [Thread(target=send) for _ in range(12)]
            for thread in threads:
                thread.start()
            assert other.post("/v1/score", files={"file": picture}).status_code == 200
            for thread in threads:
                thread.join()
        assert statuses == {200, 503}


def test_without_the_network_nothing_is_judged(
    database: Database, made_settings: Callable[..., Settings]
) -> None:
    with serving(made_settings(), judges=False) as served, served.client() as client:
        answer = client.post("/v1/score", files={"file": photograph(50)})
        assert (answer.status_code, answer.headers["content-type"]) == (501, PROBLEM)
        assert client.get("/v1/uploads").status_code == 200


def test_without_a_model_version_it_says_so(
    database: Database, made_settings: Callable[..., Settings]
) -> None:
    with serving(made_settings()) as served, served.client() as client:
        sleep(0.1)
        answer = client.post("/v1/score", files={"file": photograph(50)})
        assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
        assert "nophoto db upgrade" in answer.json()["detail"]
