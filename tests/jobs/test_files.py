import os

from nophoto.jobs.files import find_pictures, outside_roots


def test_folder_gives_pictures_in_order_and_counts_the_rest(tmp_path):
    for name in ("b.PNG", "a.jpeg", "notes.txt", "sub/c.webp", "sub/.hidden"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    found = find_pictures([str(tmp_path)])
    assert found.uris == [str(tmp_path / name) for name in ("a.jpeg", "b.PNG", "sub/c.webp")]
    assert found.passed_over == 2
    assert len(find_pictures([str(tmp_path)], recursive=False).uris) == 2
    assert len(find_pictures([str(tmp_path)], every_file=True).uris) == 4


def test_links_to_folders_do_not_make_it_endless(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert find_pictures([str(tmp_path)]).uris == [str(tmp_path / "a.png")]


def test_named_file_is_taken_whatever_its_name(tmp_path, monkeypatch):
    (tmp_path / "upload").touch()
    monkeypatch.chdir(tmp_path)
    assert find_pictures(["./x/../upload"]).uris == [str(tmp_path / "upload")]


def test_missing_one_is_named_and_uris_are_taken_as_they_are(tmp_path):
    found = find_pictures([str(tmp_path / "gone"), "s3://bucket/key.jpg"])
    assert found.uris == ["s3://bucket/key.jpg"]
    assert list(found.problems) == [str(tmp_path / "gone")]


def test_a_place_in_a_store_is_no_picture():
    names = ["s3://bucket/uploads", "s3://bucket/other/", "s3://bucket/uploads/1.jpg"]
    found = find_pictures(names, roots=["s3://bucket/uploads"])
    assert found.uris == ["s3://bucket/uploads/1.jpg"]
    assert list(found.problems) == names[:2]
    assert "nophoto enqueue -" in found.problems["s3://bucket/uploads"]


def test_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    def walk(folder, onerror):
        onerror(PermissionError(13, "Permission denied", str(folder)))
        return iter(())

    monkeypatch.setattr(os, "walk", walk)  # root, who may run the tests, can read every folder
    assert "Permission denied" in find_pictures([str(tmp_path)]).problems[str(tmp_path)]


def test_outside_roots(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "out").symlink_to(tmp_path / "elsewhere")
    roots = (str(inside), "s3://bucket/uploads")
    assert not outside_roots(str(inside / "a.png"), roots)
    assert not outside_roots(f"file://{inside}/a.png", roots)
    assert not outside_roots("s3://bucket/uploads/a.png", roots)
    assert outside_roots(str(tmp_path / "input/a.png"), roots)
    assert outside_roots(str(inside / "out"), roots)
    assert outside_roots("s3://bucket/uploads2/a.png", roots)
    assert outside_roots("https://host/a.png", roots)
