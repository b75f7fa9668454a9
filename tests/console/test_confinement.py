"""A file that kills its decoder costs the console's pages that picture alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.references import list_all
from nophoto.models.records.tables import Lane
from nophoto.models.vision.references import shipped_references
from tests.conftest import killing
from tests.console.gradio import Tab
from tests.console.serving import Served, serving


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """The file, for the one console of all tests."""
    with killing(tmp_path_factory.mktemp("killer")) as data:
        yield data


@pytest.fixture(scope="module")
def served(killer: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console whose decoding processes can be killed."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "pictures").mkdir()
    with serving(folder, roots=(str(folder / "pictures"),)) as served:
        yield served


def test_trying_pictures(served: Served, killer: bytes) -> None:
    with served.log_in("moderator") as visitor:
        tab = Tab(visitor)
        tile = shipped_references()[0].data
        arrived = [tab.upload("boom.jpg", killer), tab.upload("tile.webp", tile)]
        (judge,) = tab.numbers("judge")
        said = tab.fire(judge, data=[arrived, ""])
    assert said["success"], said
    page = said["output"]["data"][0]
    assert "boom.jpg" in page
    assert "twice" in page
    assert "tile.webp" in page
    assert page.count('src="data:image/webp') == 2  # the picture, and what the network sees of it


def test_thumbnails(served: Served, killer: bytes) -> None:
    pictures = Path(served.settings.roots[0])
    files = {"boom.jpg": killer, "tile.webp": shipped_references()[0].data}
    for name, data in files.items():
        (pictures / name).write_bytes(data)
    with served.database.transaction() as session:
        uploads = [NewUpload(name, str(pictures / name)) for name in files]
        ids = add_uploads(session, uploads, Lane.BULK).ids
    with served.log_in("viewer") as visitor:
        boom, tile = (visitor.get(f"/pictures/upload/{upload_id}") for upload_id in ids)
    assert boom.headers["content-type"] == "image/svg+xml"
    assert tile.headers["content-type"] == "image/webp"


def test_allowing_a_dropped_file(served: Served, killer: bytes) -> None:
    with served.log_in("moderator") as visitor:
        tab = Tab(visitor)
        (put,) = tab.numbers("allow")
        said = tab.fire(put, data=[tab.upload("boom.jpg", killer), "", "ours", False])
        assert not said["success"]
        tile = tab.upload("tile.webp", shipped_references()[0].data)
        assert tab.fire(put, data=[tile, "", "ours", False])["success"]


def test_dropping_a_reference(served: Served, killer: bytes) -> None:
    with served.log_in("moderator") as visitor:
        tab = Tab(visitor)
        with served.database.reading() as session:
            before = len(list_all(session))
        results = []
        for number in tab.numbers("drop", "upload"):
            arrived = [tab.upload("boom.jpg", killer)]
            results.append(tab.fire(number, data=arrived).get("success"))
        with served.database.reading() as session:
            assert len(list_all(session)) == before
    assert False in results
