"""Gathering training pictures: what packages hold becomes pictures that can be learnt from."""

import io
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image, ImageDraw

from benchmarks.training_pictures import __main__ as command
from benchmarks.training_pictures import debian, npm, pypi
from benchmarks.training_pictures.commands import PackageError
from benchmarks.training_pictures.composing import goods_on_plain
from benchmarks.training_pictures.gathering import MOST, gather
from benchmarks.training_pictures.grounds import on_ground, pixels_on_ground
from benchmarks.training_pictures.package import Package, Registry, Use
from benchmarks.training_pictures.packages import PACKAGES, sources
from benchmarks.training_pictures.qt_resources import QtResourceError, read_resources
from nophoto.models.vision.training.samples import given_kinds


def cut_out(colour: tuple[int, int, int] = (200, 30, 30)) -> Image.Image:
    """A disc on nothing."""
    image = Image.new("RGBA", (128, 128))
    ImageDraw.Draw(image).ellipse((10, 10, 118, 118), (*colour, 255))
    return image


def photograph(seed: int) -> Image.Image:
    """Noise, which stands for a photograph."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (90, 120, 3), np.uint8))


def png(image: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def resources(files: dict[str, bytes], *, compressed: bool) -> bytes:
    """A resource file of Qt's third version with `files` in one folder."""
    names, contents, places = b"", b"", []
    for name, content in files.items():
        stored = struct.pack(">I", len(content)) + zlib.compress(content) if compressed else content
        places.append((len(names), len(contents)))
        names += struct.pack(">HI", len(name), 0) + name.encode("utf-16-be")
        contents += struct.pack(">I", len(stored)) + stored
    tree = struct.pack(">IHIIQ", 0, 2, len(files), 1, 0)
    for name, content in places:
        tree += struct.pack(">IHIIQ", name, int(compressed), 0, content, 0)
    start = 24
    header = struct.pack(
        ">4siiiii", b"qres", 3, start, start + len(tree), start + len(tree) + len(contents), 0
    )
    return header + tree + contents + names


@pytest.mark.parametrize("compressed", [False, True])
def test_resources_of_qt_are_read(compressed: bool) -> None:
    files = {"cow.webp": b"moo" * 100, "été.png": b"\x00\x01"}

    assert dict(read_resources(resources(files, compressed=compressed))) == files


def test_resources_cut_short_are_refused() -> None:
    whole = resources({"cow.webp": b"moo" * 100}, compressed=True)

    for data in (b"PK\x03\x04", whole[:30], whole[:70]):
        with pytest.raises(QtResourceError):
            list(read_resources(data))


@pytest.mark.parametrize("tone", [(200, 30, 30), (0, 0, 0), (255, 255, 255), (128, 128, 128)])
def test_a_logo_is_seen_on_its_ground_and_differs_by_chance(tone: tuple[int, int, int]) -> None:
    pictures = [on_ground(cut_out(tone), np.random.default_rng(seed)) for seed in range(24)]

    assert all(picture.mode == "RGB" and 64 <= max(picture.size) <= 512 for picture in pictures)
    assert all(np.asarray(picture).std(axis=(0, 1)).max() > 5 for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == 24


def test_a_black_mark_is_tinted_and_a_coloured_one_is_not() -> None:
    def colours(tone: tuple[int, int, int]) -> set[tuple[int, ...]]:
        pictures = [on_ground(cut_out(tone), np.random.default_rng(seed)) for seed in range(12)]
        middles = [
            picture.getpixel((picture.width // 2, picture.height // 2)) for picture in pictures
        ]
        return {middle for middle in middles if isinstance(middle, tuple)}

    assert len(colours((0, 0, 0))) > 4
    assert colours((200, 30, 30)) == {(200, 30, 30)}


def test_pixel_art_keeps_its_pixels() -> None:
    sprite = Image.new("RGBA", (16, 16))
    sprite.paste((200, 30, 30, 255), (4, 4, 12, 12))
    sprite.putpixel((5, 5), (30, 30, 200, 255))

    for seed in range(8):
        picture = pixels_on_ground(sprite, np.random.default_rng(seed))
        colours = picture.getcolors(16)
        assert colours is not None, "no colours between those of the sprite"
        assert len(colours) <= 3
        assert max(picture.size) >= 64


def test_goods_lie_on_an_even_ground() -> None:
    picture = np.asarray(goods_on_plain(cut_out(), np.random.default_rng(3)))

    assert (picture[0] == picture[0, 0]).all()
    assert (picture[160, 160] == (200, 30, 30)).all()


def test_a_package_is_gathered_once(tmp_path: Path) -> None:
    calls = []

    def get(name: str, folder: Path) -> None:
        calls.append(name)
        (folder / "usr").mkdir()
        files = {
            "usr/one.png": photograph(1),
            "usr/the-same.png": photograph(1),
            "usr/two.png": photograph(2),
            "usr/even.png": Image.new("RGB", (100, 100), (10, 20, 30)),
            "usr/piece.png": cut_out(),
            "usr/small.png": photograph(3).resize((20, 20)),
            "usr/no-image.png": photograph(4),
            "usr/default_cover.png": photograph(6),
        }
        for path, image in files.items():
            (folder / path).write_bytes(png(image))
        packed = {"three.png": png(photograph(5)), "notes.txt": b"none"}
        (folder / "usr/more.rcc").write_bytes(resources(packed, compressed=False))

    package = Package("some-data", "CC0-1.0", Use.OPENCV, ("usr/**/*.png", "usr/*.rcc"))

    assert gather(package, tmp_path, {Registry.DEBIAN: get}) == 3
    written = sorted((tmp_path / "real/opencv/some-data").iterdir())
    before = [file.read_bytes() for file in written]
    assert gather(package, tmp_path, {Registry.DEBIAN: get}) == 3
    assert calls == ["some-data"]
    assert [file.read_bytes() for file in written] == before
    assert [path.name for path in tmp_path.iterdir()] == ["real"]


def test_of_a_package_every_folder_comes_first_and_then_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(name: str, folder: Path) -> None:
        for subject, count in {"many": 30, "few": 2, "one": 1}.items():
            (folder / subject).mkdir()
            for number in range(count):
                shade = {"many": 50, "few": 150, "one": 250}[subject]
                picture = photograph(number + shade).point(
                    lambda tone, top=shade: tone * top // 255
                )
                picture.save(folder / subject / f"{number}.png")

    monkeypatch.setitem(MOST, Use.FIGURES, 6)
    package = Package("some-doc", "MIT", Use.FIGURES, ("**/*.png",))

    assert gather(package, tmp_path, {Registry.DEBIAN: get}) == 6
    brightest = []
    for file in sorted((tmp_path / "real/figures/some-doc").iterdir()):
        with Image.open(file) as picture:
            brightest.append(float(np.percentile(np.asarray(picture), 90)))
    shades = [min((50, 150, 250), key=lambda top: abs(top * 0.9 - value)) for value in brightest]
    assert set(shades[:3]) == {50, 150, 250}, shades
    assert sorted(shades[3:5]) == [50, 150], shades


def test_icons_like_a_placeholders_glyph_are_left_out(tmp_path: Path) -> None:
    def get(name: str, folder: Path) -> None:
        files = {"firefox": 1, "folder-open": 2, "camera-web": 3, "user-info": 4, "inkscape": 5}
        for icon, number in files.items():
            (folder / f"{icon}.png").write_bytes(png(cut_out((200, 30, number * 20))))

    package = Package("some-theme", "MIT", Use.LOGOS, ("*.png",))

    assert gather(package, tmp_path, {Registry.DEBIAN: get}) == 2


def test_pictures_in_an_archive_are_taken_and_textures_are_not(tmp_path: Path) -> None:
    def get(name: str, folder: Path) -> None:
        with zipfile.ZipFile(folder / "furniture.sh3f", "w") as packed:
            packed.writestr("set/chair.png", png(cut_out()))
            packed.writestr("set/chair/wood.jpg", png(photograph(1)))
            packed.writestr("set/chair.obj", b"v 0 0 0")

    package = Package("some-furniture", "CC0-1.0", Use.RENDERS, ("*.sh3f",))

    assert gather(package, tmp_path, {Registry.DEBIAN: get}) == 1


def test_a_package_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def get(name: str, folder: Path) -> None:
        raise PackageError(f"no {name} at {folder.name}")

    with pytest.raises(PackageError):
        gather(PACKAGES[0], tmp_path, {PACKAGES[0].registry: get})

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not list(tmp_path.glob(".*"))


def test_a_projects_own_placeholder_is_taken_as_it_is(tmp_path: Path) -> None:
    tile = Image.new("RGBA", (100, 80), (240, 240, 240, 255))
    tile.paste((0, 0, 0, 0), (0, 0, 20, 80))

    def get(name: str, folder: Path) -> None:
        (folder / "no-image.png").write_bytes(png(tile))

    package = Package("some-shop==1.0", "MIT", Use.PROJECTS, ("*.png",), Registry.PYPI)

    assert gather(package, tmp_path, {Registry.PYPI: get}) == 1
    with Image.open(tmp_path / "placeholders/projects/some-shop==1.0/0000.jpg") as picture:
        assert picture.size == (100, 80)
        assert picture.getpixel((5, 40)) == (255, 255, 255), "what is clear is white"
        assert picture.getpixel((90, 40)) == (240, 240, 240)


@pytest.mark.skipif(not shutil.which("rsvg-convert"), reason="there is no rsvg-convert")
def test_an_illustration_is_drawn_and_laid_on_a_ground(tmp_path: Path) -> None:
    disc = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="9"/></svg>'

    def get(name: str, folder: Path) -> None:
        (folder / "art.svg").write_text(disc)

    package = Package("some-art@1.0", "MIT", Use.LOGOS, ("*.svg",), Registry.NPM)

    assert gather(package, tmp_path, {Registry.NPM: get}) == 1


@pytest.mark.parametrize(
    ("unpack", "remedy"),
    [(debian.unpack, "Debian"), (npm.unpack, "npm"), (npm.draw_avatars, "npm")],
)
def test_without_a_registrys_program_the_remedy_is_named(
    unpack: Callable[[str, Path], None],
    remedy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PackageError, match=rf"some-pictures.*{remedy}"):
        unpack("some-pictures", tmp_path)


def test_an_svg_without_a_renderer_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    def get(name: str, folder: Path) -> None:
        (folder / "art.svg").write_text("<svg/>")

    package = Package("some-art@1.0", "MIT", Use.LOGOS, ("*.svg",), Registry.NPM)

    with pytest.raises(PackageError, match="librsvg2-bin"):
        gather(package, tmp_path, {Registry.NPM: get})


@pytest.mark.network
def test_a_package_that_pip_does_not_find_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="nophoto-has-no-such-package"):
        pypi.unpack("nophoto-has-no-such-package==1.0", tmp_path)


@pytest.mark.network
@pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm")
def test_a_package_of_npm_lies_where_npm_would_install_it(tmp_path: Path) -> None:
    npm.unpack("super-tiny-icons@0.6.0", tmp_path)

    own = tmp_path / "node_modules/super-tiny-icons"
    assert list(tmp_path.iterdir()) == [tmp_path / "node_modules"]
    assert list((own / "images/svg").glob("*.svg"))
    assert list(own.parent.iterdir()) == [own], "nothing that it depends on"


def test_packages_that_cannot_be_had_are_all_named_and_end_the_command_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    packages = [
        Package(name, "MIT", Use.LOGOS, ("*.svg",), Registry.NPM)
        for name in ("one@1.0", "another@1.0")
    ]
    monkeypatch.setattr(command, "PACKAGES", packages)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(typer.Exit) as end:
        command.main(tmp_path / "pictures")

    errors = capsys.readouterr().err
    assert end.value.exit_code == 1
    assert all(package.name in errors for package in packages)
    assert (tmp_path / "pictures/sources.md").exists()


@pytest.mark.network
@pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm")
def test_dicebear_draws_avatars_in_all_its_styles(tmp_path: Path) -> None:
    npm.draw_avatars("@dicebear/collection@9.4.3", tmp_path)

    styles = {file.name.rsplit("-", 1)[0] for file in (tmp_path / "avatars").glob("*.svg")}
    assert {"adventurer", "openPeeps", "thumbs"} <= styles
    listed = {
        pattern.removeprefix("avatars/").removesuffix("-*.svg")
        for package in PACKAGES
        if package.registry is Registry.DICEBEAR
        for pattern in package.patterns
    }
    assert styles - listed == {"icons"}, "glyphs alone say nothing about a person"


def test_the_card_names_every_package_and_licence() -> None:
    text = sources(PACKAGES)

    for package in PACKAGES:
        assert text.count(f"- {package.name} ({package.licence})\n") == 1, "once, whatever its uses"


def test_no_package_is_listed_twice_for_one_use() -> None:
    listed = [package.folder for package in PACKAGES]

    assert len(set(listed)) == len(listed)
    assert {package.use for package in PACKAGES} == set(Use) == set(MOST)


def test_placeholders_with_a_kind_lie_in_a_folder_that_training_reads_the_kind_from(
    tmp_path: Path,
) -> None:
    named = [package for package in PACKAGES if package.kind]

    given = given_kinds([tmp_path / package.folder / "0000.jpg" for package in named])

    assert [kind for kind, _ in given] == [package.kind for package in named]


def test_every_named_file_is_of_one_package_and_one_kind() -> None:
    files = [
        (package.registry, package.name, pattern)
        for package in PACKAGES
        if package.kind
        for pattern in package.patterns
    ]
    assert len(files) == len(set(files)) > 200
