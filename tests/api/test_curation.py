"""References, the allow-list and reviews by HTTP: the same as by the command line."""

import io
from hashlib import sha256
from time import monotonic, sleep

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from nophoto.models.records import collections, references
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Scope
from nophoto.models.vision.drawing import draw
from nophoto.models.vocabulary import Verdict
from tests.api.serving import Served

PROBLEM = "application/problem+json"


def drawing(seed: int) -> bytes:
    file = io.BytesIO()
    draw(seed).image.save(file, "PNG")
    return file.getvalue()


def noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def judge(site: Served, *keys: str) -> None:
    """Let uploads be judged placeholders, as a worker would."""
    with site.client(Scope.UPLOADS_WRITE) as client:
        client.post("/v1/uploads", json=[{"key": key, "uri": f"/{key}.jpg"} for key in keys])
    rows = site.rows()
    with site.context.database.transaction() as session:
        claim = claims.claim(session, [rows[key].id for key in keys], 60)
        member = references.active(session).members[0]
        judged = [
            Judged(
                upload.id,
                sha256(upload.key.encode()).hexdigest(),
                Verdict.PLACEHOLDER,
                needs_review=False,
                similarity=0.9,
                nearest_reference_id=member.id,
                score=0.2,
                kind=member.kind,
            )
            for upload in claim.uploads
        ]
        version = site.context.preview.current().network.version.id
        record_outcomes(session, claim.token, judged, [], version, 1)


def test_the_list_has_an_etag_that_changes_with_the_set(site: Served) -> None:
    with site.client() as client:
        first = client.get("/v1/references")
        assert len(first.json()["items"]) > 300
        etag = first.headers["etag"]
        same = client.get("/v1/references", headers={"if-none-match": etag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        some = first.json()["items"][0]
        retired = client.post(f"/v1/references/{some['id']}/retire", headers={"if-match": etag})
        assert retired.json() == {
            "id": some["id"],
            "changed": True,
            "set_version": first.json()["version"] + 1,
        }
        changed = client.get("/v1/references", headers={"if-none-match": etag})
        assert changed.status_code == 200
        assert changed.headers["etag"] == retired.headers["etag"]
        late = client.post(f"/v1/references/{some['id']}/restore", headers={"if-match": etag})
        assert (late.status_code, late.headers["content-type"]) == (412, PROBLEM)
        wrong = client.post(f"/v1/references/{some['id']}/restore", headers={"if-match": '"x"'})
        assert wrong.status_code == 412
        state = client.get("/v1/references", params={"state": "retired"}).json()["items"]
        assert [item["id"] for item in state] == [some["id"]]
        again = client.post(f"/v1/references/{some['id']}/restore")
        assert again.json()["changed"]
        assert not client.post(f"/v1/references/{some['id']}/restore").json()["changed"]
        assert client.post("/v1/references/999999/retire").status_code == 404
        assert client.get("/v1/references/999999").status_code == 404


def test_a_reference_is_looked_at_then_added_under_the_name_of_the_key(site: Served) -> None:
    picture = drawing(4_711)
    form = {"name": "our tile", "kind": "own", "note": "from the shop"}
    with site.client(name="curator") as client:
        before = site.set_version()
        preview = client.post(
            "/v1/references", data={**form, "preview": "true"}, files={"file": picture}
        )
        assert (preview.status_code, preview.json()["outcome"]) == (200, "preview")
        assert preview.json()["check"]["compared"] > 0
        assert site.set_version() == before
        etag = f'"set-{before}"'
        forced = {**form, "force": "true"}
        added = client.post(
            "/v1/references", data=forced, files={"file": picture}, headers={"if-match": etag}
        )
        assert (added.status_code, added.json()["outcome"]) == (201, "added")
        assert added.json()["set_version"] == before + 1
        told = client.get(f"/v1/references/{added.json()['id']}").json()
        assert (told["name"], told["changed_by"]) == ("our tile", "key:curator")
        assert told["note"].startswith("from the shop")
        held = client.get(f"/v1/references/{added.json()['id']}/picture")
        assert held.content == picture
        assert held.headers["content-type"] == "application/octet-stream"
        again = client.post("/v1/references", data=forced, files={"file": picture})
        assert (again.status_code, again.json()["outcome"]) == (200, "known")
        late = client.post(
            "/v1/references",
            data=forced,
            files={"file": drawing(4_712)},
            headers={"if-match": etag},
        )
        assert late.status_code == 412
        assert site.set_version() == before + 1


def test_a_file_that_is_no_picture_becomes_no_reference(site: Served) -> None:
    with site.client() as client:
        before = site.set_version()
        for answer in (
            client.post("/v1/references", data={"name": "x"}, files={"file": b"no picture"}),
            client.post("/v1/references", data={"name": ""}, files={"file": drawing(1)}),
            client.post("/v1/references", data={"name": "x"}),
            client.post(
                "/v1/references", data={"name": "x", "kind": "colour"}, files={"file": drawing(1)}
            ),
        ):
            assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    with site.client(Scope.REFERENCES_READ) as reader:
        refused = reader.post("/v1/references", data={"name": "x"}, files={"file": drawing(1)})
        assert refused.status_code == 403
    assert site.set_version() == before


def test_pictures_are_allowed_by_digest_by_key_and_by_file(site: Served) -> None:
    judge(site, "allowed/1")
    digest = "ab" * 32
    with site.client() as client:
        named = client.post(
            "/v1/allow-list",
            json={"digests": [digest.upper()], "keys": ["allowed/1"], "reason": "ours"},
        )
        assert (named.status_code, len(named.json()["added"])) == (201, 2)
        assert client.post(
            "/v1/allow-list", json={"digests": [digest], "reason": "again"}
        ).json() == {"added": [], "known": 1}
        file = client.post(
            "/v1/allow-list/files",
            data={"name": "cat", "reason": "a cat", "look_alikes": "true"},
            files={"file": noise(7)},
        )
        assert file.status_code == 201
        listed = client.get("/v1/allow-list").json()
        assert {item["digest"] for item in listed["items"]} >= {digest}
        (cat,) = (item for item in listed["items"] if item["name"] == "cat")
        assert cat["look_alikes"]
        assert client.delete(f"/v1/allow-list/{cat['id']}").status_code == 204
        assert client.delete(f"/v1/allow-list/{cat['id']}").status_code == 404
        for wrong in (
            {"digests": ["xyz"], "reason": "x"},
            {"keys": ["unknown"], "reason": "x"},
            {"reason": "x"},
            {"digests": [digest]},
        ):
            answer = client.post("/v1/allow-list", json=wrong)
            assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
        broken = client.post(
            "/v1/allow-list/files", data={"name": "x", "reason": "x"}, files={"file": b"x"}
        )
        assert broken.status_code == 422


def test_a_word_on_uploads_wins_and_is_taken_back(site: Served) -> None:
    judge(site, "doubt/1", "doubt/2")
    with site.client(name="moderation") as client:
        waiting = client.get("/v1/reviews", params={"key_prefix": "doubt/"}).json()
        assert {item["key"] for item in waiting["items"]} == {"doubt/1", "doubt/2"}
        assert waiting["flagged"] >= 2
        done = client.post(
            "/v1/reviews", json={"keys": ["doubt/1", "doubt/2", "doubt/1"], "verdict": "real"}
        )
        made = done.json()["made"]
        assert (done.status_code, len(made)) == (201, 2)
        assert {each["reviewer"] for each in made} == {"key:moderation"}
        told = client.get("/v1/uploads/doubt%2F1").json()
        assert (told["verdict"], told["reviewed"]) == ("real", "real")
        again = client.post("/v1/reviews", json={"keys": ["doubt/1"], "verdict": "placeholder"})
        assert (again.json()["made"], len(again.json()["already"])) == ([], 1)
        review = made[0]["review_id"]
        assert client.post(f"/v1/reviews/{review}/undo").json() == {"undone": 1}
        assert client.post(f"/v1/reviews/{review}/undo").json() == {"undone": 0}
        assert client.post("/v1/reviews/999999/undo").status_code == 404
        history = client.get("/v1/uploads/doubt%2F1/history").json()
        assert [entry["verdict"] for entry in history["entries"]] == ["placeholder", "real"]
        unknown = client.post("/v1/reviews", json={"keys": ["doubt/9"], "verdict": "real"})
        assert (unknown.status_code, unknown.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize("kind", ["photo", "own"])
def test_a_photograph_claims_its_copies_alone(site: Served, kind: str) -> None:
    file = io.BytesIO()
    Image.fromarray(photographs.astronaut()).save(file, "JPEG")
    with site.client() as client:
        preview = client.post(
            "/v1/references",
            data={"name": "astronaut", "kind": kind, "preview": "true"},
            files={"file": file.getvalue()},
        )
    assert preview.json()["check"]["scope"] == "copies"


def test_a_collection_has_references_and_allowed_pictures_of_its_own(site: Served) -> None:
    with site.context.database.transaction() as session:
        collections.add(session, CollectionRow("avatars"), by="tests")
    picture = drawing(4_800)
    form = {"name": "avatar tile", "force": "true", "collection": "avatars"}
    with site.client() as client:
        added = client.post("/v1/references", data=form, files={"file": picture})
        assert added.status_code == 201
        (member,) = (
            item
            for item in client.get("/v1/references").json()["items"]
            if item["id"] == added.json()["id"]
        )
        assert member["collections"] == ["avatars"]
        allowed = client.post(
            "/v1/allow-list",
            json={"digests": ["cd" * 32], "reason": "ours", "collection": "avatars"},
        )
        assert allowed.status_code == 201
        for answer in (
            client.post(
                "/v1/references", data={**form, "collection": "x"}, files={"file": picture}
            ),
            client.post(
                "/v1/allow-list", json={"digests": ["cd" * 32], "reason": "x", "collection": "x"}
            ),
            client.post("/v1/score", files={"file": picture}, data={"collection": "x"}),
        ):
            assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
        # Workers and this server follow a change of the set within seconds.
        deadline = monotonic() + 60
        while True:
            told = client.post(
                "/v1/score", files={"file": picture}, data={"collection": "avatars"}
            ).json()
            if told["nearest"][0]["id"] == added.json()["id"]:
                break
            assert monotonic() < deadline
            sleep(0.3)
        default = client.post("/v1/score", files={"file": picture}).json()
        assert added.json()["id"] not in {each["id"] for each in default["nearest"]}
