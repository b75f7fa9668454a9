"""One picture under very many keys, on PostgreSQL: shown, paged through, decided, undone."""

import re
from html import unescape
from time import monotonic

import httpx
import numpy as np
import pytest
from sqlalchemy import func, insert, select, text

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.tables import Upload
from nophoto.models.records.versions import model_versions
from tests.conftest import postgres_copy
from tests.console.gradio import Tab
from tests.console.serving import Served, serving

MANY = 20_000
"""Uploads of one picture: more rows than one statement of PostgreSQL has parameters for."""
FEW = 29
"""Pictures that are nearly equal, and are one group."""


@pytest.fixture(scope="module")
def served(tmp_path_factory, postgres_url, migrated_postgres):
    folder = tmp_path_factory.mktemp("large")
    with (
        postgres_copy(postgres_url, migrated_postgres) as url,
        serving(folder, database_url=url) as served,
    ):
        yield served


def flag(database: Database, rows: list[dict]) -> None:
    with database.transaction() as session:
        active = model_versions.active(session)
        reference = references.active(session).members[0].id
        same = {
            "uri": "/pictures/tile.webp",
            "lane": "bulk",
            "state": "judged",
            "verdict": "placeholder",
            "score": 0.2,
            "similarity": 0.9,
            "kind": "person",
            "nearest_reference_id": reference,
            "model_version_id": active.id,
            "reference_set_version": 1,
        }
        now = func.now()
        times = {"created_at": now, "updated_at": now, "judged_at": now}
        for start in range(0, len(rows), 2_000):
            session.execute(
                insert(Upload).values(times), [same | row for row in rows[start : start + 2_000]]
            )
        session.commit()
        session.execute(text("ANALYZE uploads"))


class Review:
    """The page Review of a moderator."""

    def __init__(self, visitor: httpx.Client) -> None:
        self.tab = Tab(visitor)

    def shown(self, event: dict | None = None, **filters: object) -> str:
        """What the page shows at first, or after a button was pressed."""
        values = {
            "order": "newest",
            "verdict": "",
            "prefix": "",
            "reference": "",
            "collection": "",
            "together": True,
        }
        data = list((values | filters).values())
        if event is None:
            (number,) = self.tab.numbers("filter-key", "input")
        else:
            (number,) = self.tab.numbers("review")
            data = [None, None, *data]
        said = self.tab.fire(number, event, data)
        assert said["success"], said
        return said["output"]["data"][0]


def section(page: str) -> dict[str, str]:
    """What the buttons of the item send alike."""
    (tag,) = re.findall(r"<section class=\"card item\".*?>", page, re.S)
    return {name: unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', tag)}


def undecided(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Upload.reviewed.is_(None)))


def test_thousands_of_uploads_of_one_picture_are_one_decision(served: Served) -> None:
    flag(served.database, [{"key": f"shop/{n:05}", "digest": "a" * 64} for n in range(MANY)])
    flag(served.database, [{"key": f"mine/{n}", "digest": "a" * 64} for n in range(10)])
    with served.log_in("moderator") as visitor:
        review = Review(visitor)
        begun = monotonic()
        page = review.shown(prefix="shop/")
        took = monotonic() - begun
        assert re.search(r"One decision serves 20.?000 uploads", page)
        assert len(page) < 10_000
        assert took < 20
        assert "<li>shop/19999</li>" in page
        later = review.shown({**section(page), "act": "keys", "place": "1"}, prefix="shop/")
        assert "<li>shop/19999</li>" not in later
        assert "<li>shop/19987</li>" in later
        said = review.shown({**section(page), "act": "decide", "verdict": "real"}, prefix="shop/")
        assert re.search(r"Decided 20.?000.*: real\.", said)
        # What the filter left out is not decided.
        assert undecided(served.database) == 10
        again = review.shown({**section(page), "act": "decide", "verdict": "placeholder"})
        assert re.search(r"moderator had just decided 20.?000.*: real\.", again)
        said = review.shown({"act": "undo"})
        assert re.search(r"Taken back: 20.?000\.", said)
    assert undecided(served.database) == MANY + 10


def test_a_group_of_nearly_equal_pictures_shows_all_of_them_page_by_page(served: Served) -> None:
    rng = np.random.default_rng(1)
    with served.database.transaction() as session:
        active = model_versions.active(session)
        leader = rng.normal(size=active.dimension)
        near = leader + rng.normal(scale=0.01, size=(FEW, active.dimension))
        digests = [f"{n:064x}" for n in range(FEW)]
        vectors = near / np.linalg.norm(near, axis=1, keepdims=True)
        embeddings.remember(session, active.id, dict(zip(digests, vectors, strict=True)))
    flag(served.database, [{"key": f"near/{d[-2:]}", "digest": d} for d in digests])
    with served.log_in("viewer") as visitor:
        review = Review(visitor)
        first = review.shown(prefix="near/")
        assert f"{FEW} uploads" in first
        pictures = [strip(first)]
        after = {**section(first), "act": "pictures", "place": "1"}
        second = review.shown(after, prefix="near/")
        pictures.append(strip(second))
        assert [len(each) for each in pictures] == [24, 5]
        assert len({*pictures[0], *pictures[1]}) == FEW
        keys = set()
        for place in range(3):
            page = review.shown(
                {**section(first), "act": "keys", "place": str(place)}, prefix="near/"
            )
            keys |= set(re.findall(r"<li>(.*?)</li>", page))
        assert len(keys) == FEW
        # One who may only look decides nothing, whatever the page sends.
        said = review.tab.fire(
            review.tab.numbers("review")[0],
            {**section(first), "act": "decide", "verdict": "real"},
            [None, None, "newest", "", "near/", "", True],
        )
        assert not said["success"]
    with served.database.reading() as session:
        near = Upload.key.startswith("near/")
        assert session.scalar(select(func.count()).where(near, Upload.reviewed.is_(None))) == FEW


def strip(page: str) -> list[str]:
    """The pictures that are shown of the group."""
    (within,) = re.findall(r'id="pictures".*?>(.*?)</div>', page, re.S)
    return re.findall(r'src="([^"]*)"', within)


def test_what_is_no_group_decides_nothing(served: Served) -> None:
    with served.log_in("moderator") as visitor:
        review = Review(visitor)
        before = undecided(served.database)
        for group in ("", "{}", "1 2 3", '{"digests": ["x"], "filters": 5}', "[]"):
            said = review.tab.fire(
                review.tab.numbers("review")[0],
                {"act": "decide", "verdict": "real", "group": group},
                [None, None, "newest", "", "", "", True],
            )
            assert not said["success"]
        assert undecided(served.database) == before
