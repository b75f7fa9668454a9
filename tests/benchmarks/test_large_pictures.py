from hashlib import sha256
from pathlib import Path

from PIL import Image

from benchmarks.large_pictures import make_large_corpus
from nophoto.models.vision.pictures.prepare import load


def test_has_the_size_and_no_bytes_twice(tmp_path: Path) -> None:
    files = make_large_corpus(tmp_path, 10, 0.3)
    assert len({sha256(file.read_bytes()).digest() for file in files}) == 10
    for file in files:
        with Image.open(file) as image:
            assert image.format == "JPEG"
            assert abs(image.width * image.height - 300_000) < 3_000
    # The comment changes the bytes, and no pixel.
    first, again = (load(files[place].read_bytes(), 64) for place in (0, 8))
    assert (first == again).all()
