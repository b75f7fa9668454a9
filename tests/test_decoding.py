"""Files are decoded in the confined processes alone: what decodes is called nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PACKAGES = ("models", "worker", "jobs", "console", "api", "migrations")

ALLOWED = {
    "models/vision/pictures": "what decodes; imported by the processes below",
    "worker/decoding/process.py": "the program of the confined processes",
    "models/vision/references/pixels.py": "the shipped references, whose digests are checked",
    "jobs/demo/pictures.py": "photographs that installed packages carry",
    "models/vision/training/augmentation/platforms.py": "a picture of pixels, encoded just before",
    "models/vision/training/augmentation/promised.py": "a picture of pixels, encoded just before",
}
"""Modules that may decode, and what."""

PICTURES = "nophoto.models.vision.pictures"

HARMLESS = {
    PICTURES: {"PictureError", "PictureLimits"},
    f"{PICTURES}.decoder": {"Decoder"},
    f"{PICTURES}.errors": {"PictureError"},
    f"{PICTURES}.gate": {"LARGE_IMAGE_LOCK"},
    f"{PICTURES}.limits": {"PictureLimits", "DEFAULT_LIMITS", "LONGEST"},
    f"{PICTURES}.prepare": {"bounded", "prepare"},
}
"""What others may import of the package that decodes: it decodes nothing."""

OTHER_DECODERS = {
    "cv2",
    "decode_image",
    "decode_jpeg",
    "decode_png",
    "imageio",
    "imread",
    "load_img",
    "pillow_avif",
    "pillow_heif",
    "read_file",
}
"""Modules and functions by which pictures are decoded elsewhere."""


def decoding_in(source: str) -> Iterator[str]:
    """What `source` decodes by, or imports to decode by."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            if node.attr == "open" and ast.unparse(node.value).endswith("Image"):
                yield ast.unparse(node)
            if node.attr in OTHER_DECODERS:
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                name = f"{module}.{alias.name}"
                if module.startswith(PICTURES) and alias.name not in HARMLESS.get(module, ()):
                    yield name
                if module.startswith("PIL") and alias.name in ("open", "ImageFile"):
                    yield name
                if OTHER_DECODERS & {alias.name, module.partition(".")[0]} or name == PICTURES:
                    yield name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if (
                    alias.name.startswith(PICTURES)
                    or alias.name.partition(".")[0] in OTHER_DECODERS
                ):
                    yield alias.name


def is_allowed(file: Path) -> bool:
    name = file.relative_to(ROOT).as_posix()
    return any(name == allowed or name.startswith(f"{allowed}/") for allowed in ALLOWED)


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_decodes_outside_the_confined_processes(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    found = {
        file.relative_to(ROOT).as_posix(): list(decoding_in(file.read_text()))
        for file in files
        if not is_allowed(file)
    }
    assert not {name: calls for name, calls in found.items() if calls}


def test_each_allowed_module_decodes() -> None:
    for name in ALLOWED:
        path = ROOT / name
        files = path.rglob("*.py") if path.is_dir() else [path]
        assert any(list(decoding_in(file.read_text())) for file in files), name


@pytest.mark.parametrize(
    "source",
    [
        "from PIL import Image\nImage.open(file)",
        "import PIL.Image\nPIL.Image.open(file)",
        "from PIL.Image import open",
        "from nophoto.models.vision.pictures.prepare import load",
        "from nophoto.models.vision.pictures.decode import decode as read",
        "from nophoto.models.vision import pictures\npictures.load(data, 9)",
        "import nophoto.models.vision.pictures.jpeg",
        "import cv2",
        "keras.utils.load_img(file)",
    ],
)
def test_what_decodes_is_seen(source: str) -> None:
    assert list(decoding_in(source))
