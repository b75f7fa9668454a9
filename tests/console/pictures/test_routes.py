"""The route of the thumbnails: what it shows is what was judged."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update

from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.tables import Lane, Upload
from tests.console.serving import Served

RED, BLUE = (200, 20, 20), (20, 20, 200)


def picture(colour: tuple[int, int, int]) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    return file.getvalue()


def colour(answer) -> str:
    assert answer.headers["content-type"] == "image/webp", answer.text
    with Image.open(BytesIO(answer.content)) as shown:
        red, _, blue = shown.convert("RGB").getpixel((5, 5))
    return "red" if red > blue else "blue"


@pytest.fixture
def file(served: Served) -> Path:
    """A red picture below the roots."""
    file = Path(served.settings.roots[0]) / "shown.png"
    file.write_bytes(picture(RED))
    return file


def uploaded(served: Served, key: str, file: Path, digest: str | None) -> int:
    """An upload's number; with a digest it counts as read."""
    with served.database.transaction() as session:
        add_uploads(session, [NewUpload(key, str(file))], Lane.BULK)
        session.execute(update(Upload).where(Upload.key == key).values(digest=digest))
        found = session.scalar(select(Upload.id).where(Upload.key == key))
    assert found is not None
    return found


@pytest.fixture
def viewer(served: Served):
    with served.log_in("viewer") as viewer:
        yield viewer


def test_a_file_that_was_overwritten_is_not_shown_as_the_one_that_was_judged(served, viewer, file):
    digest = sha256(picture(RED)).hexdigest()
    before = uploaded(served, "before", file, digest)
    assert colour(viewer.get(f"/pictures/upload/{before}")) == "red"
    file.write_bytes(picture(BLUE))
    # What was judged is still at hand in this size, and nothing else is shown in its place.
    assert colour(viewer.get(f"/pictures/upload/{before}")) == "red"
    other = viewer.get(f"/pictures/upload/{before}?size=large")
    assert other.headers["content-type"].startswith("image/svg")
    assert other.headers["cache-control"] == "no-store"


def test_an_upload_that_means_another_picture_shows_that_one(served, viewer, file):
    upload = uploaded(served, "again", file, sha256(picture(RED)).hexdigest())
    first = viewer.get(f"/pictures/upload/{upload}")
    assert colour(first) == "red"
    known = {"if-none-match": first.headers["etag"]}
    assert viewer.get(f"/pictures/upload/{upload}", headers=known).status_code == 304
    file.write_bytes(picture(BLUE))
    with served.database.transaction() as session:
        digest = sha256(picture(BLUE)).hexdigest()
        session.execute(update(Upload).where(Upload.id == upload).values(digest=digest))
    assert colour(viewer.get(f"/pictures/upload/{upload}", headers=known)) == "blue"


def test_what_was_not_read_yet_is_shown_as_it_lies_there(served, viewer, file):
    upload = uploaded(served, "waits", file, None)
    assert colour(viewer.get(f"/pictures/upload/{upload}")) == "red"
    file.write_bytes(picture(BLUE))
    assert colour(viewer.get(f"/pictures/upload/{upload}")) == "blue"
