"""Judging a picture now: the same verdict as an upload, in confined decoders, within bounds."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from PIL import Image
from skimage import data as photographs

from nophoto.models.records.database import Database
from nophoto.models.vision.references import shipped_references
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


def test_what_is_no_form_with_a_picture_is_refused(judging: Served) -> None:
    picture = photograph(50)
    with judging.client() as client:
        for request in (
            {"files": {"file": picture, "uri": (None, "/a.jpg")}},
            {"files": {"other": picture}},
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
