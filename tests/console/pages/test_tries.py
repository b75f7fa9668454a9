"""What a page keeps of what was tried: for whom, how long, and how much."""

from hashlib import sha256

from nophoto.console.pictures.upload_cache import KEPT_SECONDS, MOST_BYTES, UploadCache
from nophoto.jobs.operations.users import add_user, change_user
from nophoto.models.records.tables import Role
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.references import shipped_references
from tests.console.auth.test_sessions import Clock
from tests.console.gradio import Tab
from tests.console.serving import PASSWORD


def test_a_picture_is_kept_for_ten_minutes() -> None:
    clock = Clock()
    shelf = UploadCache(clock)
    shelf.put("a", b"bytes")
    clock.seconds += KEPT_SECONDS - 1
    assert shelf.get("a") == b"bytes"
    clock.seconds += 2
    assert shelf.get("a") is None


def test_who_tries_it_again_has_it_for_ten_minutes_more() -> None:
    clock = Clock()
    shelf = UploadCache(clock)
    shelf.put("a", b"bytes")
    clock.seconds += KEPT_SECONDS - 1
    shelf.put("a", b"bytes")
    clock.seconds += KEPT_SECONDS - 1
    assert shelf.get("a") == b"bytes"


def test_all_that_is_kept_fits_into_the_bound() -> None:
    shelf = UploadCache()
    quarter = bytes(MOST_BYTES // 4)
    for name in "abcde":
        shelf.put(name, quarter)
        shelf.put(name, quarter)
    assert shelf.get("a") is None
    assert all(shelf.get(name) is not None for name in "bcde")


def test_the_same_file_twice_is_read_twice(tmp_path) -> None:
    from nophoto.console.pages.try_state import forget_dropped, read_dropped

    file, other = tmp_path / "cat.jpg", tmp_path / "dog.jpg"
    file.write_bytes(b"a cat")
    other.write_bytes(b"a dog")
    same = str(file)
    assert read_dropped([same, same]) == [("cat.jpg", b"a cat")] * 2
    assert not file.exists()
    ((name, gone),) = read_dropped([same])
    assert name == "cat.jpg"
    assert isinstance(gone, PictureError)
    assert forget_dropped([str(other), str(other)]) == ["dog.jpg"] * 2
    assert not other.exists()


def tile() -> bytes:
    return shipped_references()[0].data


def tried(tab: Tab, *names: str):
    """What the page says of the same picture under each of the names."""
    arrived = [tab.upload(name, tile()) for name in names]
    (judge,) = tab.numbers("judge")
    said = tab.fire(judge, data=[arrived, ""])
    assert said["success"], said
    return said["output"]["data"][0]


def test_the_same_bytes_have_a_row_for_each_name(served):
    with served.log_in("viewer") as visitor:
        page = tried(Tab(visitor), "tile.webp", "again.webp", "third.webp")
    assert page.count("<td style") == 9


def test_what_is_left_out_is_named(served):
    with served.log_in("viewer") as visitor:
        page = tried(Tab(visitor), *(f"tile-{number}.webp" for number in range(10)))
    assert page.count('class="card tried"') == 8
    assert "room for 8 at once: tile-8.webp, tile-9.webp" in page


def test_only_of_whom_may_add_it_a_picture_is_kept(served):
    event = {"act": "ask", "digest": sha256(tile()).hexdigest()}
    add_user(served.database, "eve", PASSWORD, Role.VIEWER)
    with served.log_in("eve") as visitor:
        tab = Tab(visitor)
        assert "data-act" not in tried(tab, "tile.webp")
        change_user(served.database, "eve", role=Role.MODERATOR)
        (ask,) = tab.numbers("tried")
        said = tab.fire(ask, event)
        assert "not at hand" in said["output"]["error"]
        assert "data-act" in tried(tab, "tile.webp")
        assert tab.fire(ask, event)["success"]
