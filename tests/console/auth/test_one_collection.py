"""A moderator of one collection sees and decides its uploads alone, through the real server."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from nophoto.jobs.operations.users import add_user
from nophoto.jobs.uploads.erase import erase
from nophoto.models.records import collections, references
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.review.group_reviews import PictureGroup
from nophoto.models.records.review.review_queue import QueueFilter
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Lane, Role, Upload
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Verdict
from tests.console.gradio import Tab
from tests.console.serving import PASSWORD, Served

NAMES = ("avatars", "listings")


def picture(number: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), (50 * number, 20, 20)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def uploads(served: Served) -> dict[str, int]:
    """A flagged upload in each of two collections, of the same bytes but for the third."""
    files = {"avatars": picture(1), "listings": picture(1), "listings-2": picture(2)}
    with served.database.transaction() as session:
        for name in NAMES:
            collections.add(session, CollectionRow(name), by="test")
    sent = []
    for key, data in files.items():
        place = Path(served.settings.roots[0]) / f"{key}.png"
        place.write_bytes(data)
        sent.append(NewUpload(key, str(place), collection=key.partition("-")[0]))
    with served.database.transaction() as session:
        ids = add_uploads(session, sent, Lane.BULK).ids
        model = model_versions.active(session)
        assert model
        set_version = references.current_version(session)
        held = claims.claim(session, ids, 60)
        outcomes = [
            Judged(
                upload.id,
                sha256(files[upload.key]).hexdigest(),
                Verdict.PLACEHOLDER,
                False,
                0.9,
                1,
                score=0.1,
            )
            for upload in held.uploads
        ]
        record_outcomes(session, held.token, outcomes, [], model.id, set_version)
    add_user(served.database, "amy", PASSWORD, Role.MODERATOR, "avatars")
    return {upload.key: upload.id for upload in held.uploads}


@pytest.fixture
def amy(served: Served, uploads):
    with served.log_in("amy") as amy:
        yield amy


def words(served: Served) -> dict[str, str | None]:
    with served.database.reading() as session:
        own = select(Upload.key, Upload.reviewed).where(Upload.collection.in_(NAMES))
        return dict(session.execute(own).all())


def test_she_sees_no_upload_of_another(amy) -> None:
    tab = Tab(amy)
    (number,) = tab.shown_in("review")
    shown = json.dumps(tab.fire(number)["output"])
    assert "avatars" in shown
    assert "listings" not in shown


def test_whatever_collection_she_asks_for_it_is_her_own(amy) -> None:
    tab = Tab(amy)
    (number,) = tab.numbers("filter-key", "input")
    for collection, shown in (("listings", True), ("avatars", True), ("", True)):
        said = tab.fire(number, data=["newest", "", "", "", collection, True])
        assert said["success"]
        html = json.dumps(said["output"])
        assert ("avatars" in html) == shown
        assert "listings" not in html


def test_every_other_page_is_for_those_who_see_all(amy) -> None:
    tab = Tab(amy)
    for part in ("references", "allowed", "queue", "changes", "models"):
        numbers = tab.shown_in(part)
        assert numbers, part
        for number in numbers:
            said = tab.fire(number)
            assert not said["success"], part
            assert "You see the collection" in said["output"]["error"], part


def test_a_picture_of_another_is_not_shown(amy, uploads) -> None:
    own = amy.get(f"/pictures/upload/{uploads['avatars']}")
    assert own.headers["content-type"] == "image/webp"
    for key in ("listings", "listings-2"):
        other = amy.get(f"/pictures/upload/{uploads[key]}")
        assert other.headers["content-type"].startswith("image/svg"), key
    held_out = amy.get(f"/pictures/held-out/1/{'0' * 64}")
    assert held_out.headers["content-type"].startswith("image/svg")


def test_a_decision_on_the_same_bytes_is_about_her_own_alone(served: Served, amy) -> None:
    from nophoto.console.pages.review_actions import group_token

    digests = tuple(sha256(picture(number)).hexdigest() for number in (1, 2))
    group = PictureGroup(digests, QueueFilter(collection="listings"), datetime.now(UTC))
    event = {"act": "decide", "verdict": "real", "group": group_token(group)}
    tab = Tab(amy)
    said = [tab.fire(number, event) for number in tab.numbers("review")]
    assert any(each["success"] for each in said)
    assert words(served) == {"avatars": "real", "listings": None, "listings-2": None}
    with served.log_in("moderator") as other:
        decided = Tab(other)
        everything = event | {
            "group": group_token(PictureGroup(digests, QueueFilter(), group.seen_at))
        }
        for number in decided.numbers("review"):
            decided.fire(number, everything)
        assert set(words(served).values()) == {"real"}
    with served.database.reading() as session:
        from nophoto.models.records.review.review_history import last

        ids = [batch.newest_id for batch in last(session, limit=9)]
    for review_id in ids:
        for number in tab.numbers("decisions"):
            tab.fire(number, {"act": "take-back", "id": str(review_id)})
    assert words(served) == {"avatars": None, "listings": "real", "listings-2": "real"}


def test_a_copy_of_an_erased_picture_is_let_go(served: Served, uploads) -> None:
    from nophoto.console.context import ConsoleContext

    thumbnails = ConsoleContext(served.settings).thumbnails
    thumbnails.forget_erased()
    assert thumbnails.of("upload", uploads["listings-2"], "small")
    assert len(thumbnails._kept) == 1
    erase(served.database, served.settings, ["listings-2"], by="ann")
    thumbnails.forget_erased()
    assert len(thumbnails._kept) == 0
    assert thumbnails._kept.currsize == 0
