"""What moderators share, by the events that the pages send: no browser is needed for these."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from nophoto.jobs.curation.appeals import appeal
from nophoto.jobs.uploads.erase import erase
from nophoto.models.records import references
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Lane, Review, ReviewLease, Upload
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Kind, Verdict
from tests.console.gradio import Tab
from tests.console.serving import Served

FILTERS = {
    "order": "newest",
    "verdict": "",
    "prefix": "",
    "reference": "",
    "collection": "",
    "together": True,
}


class Page:
    """The page Review of a visitor."""

    def __init__(self, visitor: httpx.Client) -> None:
        self.tab = Tab(visitor)

    def open(self) -> str:
        (number,) = self.tab.numbers("filter-key", "input")
        return self._html(self.tab.fire(number, None, list(FILTERS.values())))

    def act(self, **event: str) -> str:
        (number,) = self.tab.numbers("review")
        return self._html(self.tab.fire(number, event, [None, None, *FILTERS.values()]))

    @staticmethod
    def _html(said: dict) -> str:
        assert said.get("success"), said
        return str(said["output"]["data"][0])


@pytest.fixture(scope="module", autouse=True)
def uploads(served: Served) -> Iterator[list[str]]:
    """The digests of four flagged uploads of a shop, which are gone in the end."""
    with served.database.transaction() as session:
        model, member = model_versions.active(session), references.active(session).members[0]
        new = [NewUpload(f"shop/{n}", f"/x/{n}.jpg", metadata={"seller": n}) for n in range(4)]
        ids = add_uploads(session, new, Lane.BULK).ids
        token = claims.claim(session, ids, 60).token
        judged = [
            Judged(each, f"{each:064x}", Verdict.PLACEHOLDER, False, 0.9, member.id,
                   score=0.2, kind=Kind.PERSON)
            for each in ids
        ]  # fmt: skip
        record_outcomes(session, token, judged, [], model.id, 1)
    yield [each.digest for each in judged]
    erase(served.database, served.settings, [each.key for each in new], by="tests")


def test_two_moderators_get_two_items_and_leaving_gives_one_back(
    served: Served, uploads: list[str]
) -> None:
    with served.log_in("moderator") as one, served.log_in("engineer") as other:
        first, second = Page(one).open(), Page(other).open()
        assert "shop/3" in first
        assert "shop/3" not in second
        assert "shop/2" in second
        assert one.post("/review/leave").status_code == 204
        other.post("/review/leave")
        assert "shop/3" in Page(other).open()
        other.post("/review/leave")
        with served.database.reading() as session:
            leased = select(ReviewLease.digest).where(ReviewLease.digest.in_(uploads))
            assert session.scalars(leased).all() == []
    with served.visitor() as nobody:
        assert nobody.post("/review/leave").status_code == 401


def test_metadata_a_link_and_codes_stand_beside_the_item(served: Served) -> None:
    with served.log_in("moderator") as visitor:
        page = Page(visitor)
        shown = page.open()
        assert "https://shop.example/item?key=shop%2F3&amp;seller=3" in shown
        assert "<dt>seller</dt><dd>3</dd>" in shown
        pressed = page.act(act="code", code="logo")
        assert 'data-code="logo" aria-pressed="true"' in pressed
        pressed = page.act(act="code", code="<script>")
        assert 'aria-pressed="true"' not in pressed
        visitor.post("/review/leave")


def test_an_appeal_stands_before_everything_and_is_decided(served: Served) -> None:
    appeal(served.database, ["shop/0"], "seller 0", note="<b>it is my logo</b>")
    with served.log_in("moderator") as visitor:
        page = Page(visitor)
        shown = page.open()
        assert "&lt;b&gt;it is my logo&lt;/b&gt;" in shown
        with served.database.reading() as session:
            upload_id = session.scalar(select(Upload.id).where(Upload.key == "shop/0"))
        number = shown.split('data-id="')[1].split('"')[0]
        told = page.act(act="appeal", verdict="real", id=number)
        assert "Kept: real." in told
        with served.database.reading() as session:
            assert session.scalar(select(Upload.reviewed).where(Upload.id == upload_id)) == "real"
            assert session.scalar(select(Review.seconds)) is not None
        assert "Others have answered" in page.act(act="appeal", verdict="real", id=number)
        page.act(act="undo")
        assert "it is my logo" in page.open()
        visitor.post("/review/leave")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("quality", "There is no figure yet"),
        ("discover", "No picture is shared"),
        ("shadow", "No version has judged in the shadow yet"),
    ],
)
def test_pages_without_anything_to_show_say_so(served: Served, part: str, words: str) -> None:
    with served.log_in("viewer") as visitor:
        tab = Tab(visitor)
        (number,) = tab.shown_in(part)
        said = tab.fire(number)
        assert said["success"], said
        assert words in str(said["output"]["data"][0])


def test_the_keys_are_listed_in_both_languages(served: Served) -> None:
    with served.log_in("viewer") as visitor:
        for language, words in (("en", "undo your last decision"), ("ru", "отменить своё")):
            config = visitor.get(f"/{language}/config").json()
            values = [str(part["props"].get("value")) for part in config["components"]]
            assert any(words in value for value in values)
