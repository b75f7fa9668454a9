"""What the tests of trainings share."""

from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def known_folder(tmp_path: Path) -> Path:
    """A folder of known pictures: three placeholders and two real ones."""
    inside = tmp_path / "known"
    for colour, name in enumerate(
        (
            "placeholder/acme/a.png",
            "placeholder/acme/b.png",
            "placeholder/loose.png",
            "real/photos/zoo/c.png",
            "real/hard/acme/d.png",
        )
    ):
        file = inside / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (colour, 0, 0)).save(file)
    return inside
