from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.corpus import CorpusError, find_corpus, make_corpus, take_corpus


def digests(files: list[Path]) -> list[str]:
    return [sha256(file.read_bytes()).hexdigest() for file in files]


def test_no_two_pictures_have_the_same_bytes_and_none_is_large(tmp_path: Path) -> None:
    files = make_corpus(tmp_path, 60)
    assert len(files) == 60
    assert len(set(digests(files))) == 60
    for file in files:
        with Image.open(file) as image:
            assert image.format == "JPEG"
            assert 240 <= max(image.size) <= 500


def test_the_same_seed_gives_the_same_pictures(tmp_path: Path) -> None:
    made = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        (tmp_path / name).mkdir()
        made.append(digests(make_corpus(tmp_path / name, 10, seed)))
    assert made[0] == made[1]
    assert not set(made[0]) & set(made[2])


def test_takes_each_picture_of_a_folder_once_and_nothing_else(tmp_path: Path) -> None:
    files = make_corpus(tmp_path, 5)
    (tmp_path / "copy.jpg").write_bytes(files[0].read_bytes())
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert find_corpus(tmp_path, 100) == files
    assert find_corpus(tmp_path, 3) == files[:3]


def test_a_folder_without_pictures_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=str(tmp_path)):
        find_corpus(tmp_path, 10)


def test_a_folder_of_too_few_pictures_is_refused_and_none_is_made_in_it(tmp_path: Path) -> None:
    files = take_corpus(None, tmp_path, 3)
    assert take_corpus(tmp_path, tmp_path / "elsewhere", 10, fewest=3) == files
    with pytest.raises(CorpusError, match=r"holds 3 .* takes 4 or more"):
        take_corpus(tmp_path, tmp_path, 10, fewest=4)
    assert sorted(tmp_path.iterdir()) == files
