"""From the bytes of a file to the network's pixels: our loader beside what else could decode.

`python -m benchmarks.decoding` takes photographs of several sizes in several formats, all decoders
in turn in every round, in one thread; with `--corpus` pictures of yours. On a JPEG of 12 megapixels
ours may take 1.1 times as long as Pillow's bare draft path: the rest is what it checks and turns.
How far the pixels of another decoder are from ours says what taking it would cost: every embedding
would move, and the network would have to be trained again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image

from benchmarks import machine
from benchmarks.bars import Panel, PlotFile, draw_bars
from benchmarks.corpus import CorpusFolder, find_corpus
from benchmarks.large_pictures import encode, large_photograph
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.vision.pictures.prepare import load, prepare

SIZE = 224
BAR: Final = 1.1
"""Of Pillow's draft path, what our loader may take for the file of `_BAR_FILE`."""

_BAR_FILE = "JPEG, 12 MP"
Pixels = NDArray[np.uint8]
Decoder = Callable[[bytes], Pixels]


def ours(data: bytes) -> Pixels:
    """The loader of training and scoring: Pillow, JPEGs shrunk while they are read."""
    return load(data, SIZE)


def pillow(data: bytes) -> Pixels:
    """Pillow, the whole picture."""
    with Image.open(BytesIO(data)) as image:
        return prepare(image.convert("RGB"), SIZE)


def pillow_draft(data: bytes) -> Pixels:
    """Pillow, JPEGs shrunk while they are read, and nothing checked or turned."""
    with Image.open(BytesIO(data)) as image:
        image.draft("RGB", (SIZE, SIZE))
        return prepare(image.convert("RGB"), SIZE)


def simplejpeg(data: bytes) -> Pixels:
    """libjpeg-turbo by simplejpeg, shrunk while it is read; our resampler."""
    import simplejpeg as turbo

    pixels = turbo.decode_jpeg(data, "RGB", min_height=SIZE, min_width=SIZE, min_factor=1)
    return prepare(Image.fromarray(pixels), SIZE)


def pyvips(data: bytes) -> Pixels:
    """Libvips' thumbnail, which shrinks JPEG and WebP while they are read; its resampler."""
    import pyvips as vips

    try:
        image = vips.Image.thumbnail_buffer(data, SIZE, height=SIZE, size="force")
        return np.asarray(image.colourspace("srgb").numpy()[..., :3], np.uint8)
    except vips.Error as error:
        raise ValueError(str(error)) from error


DECODERS: Mapping[str, Decoder] = {
    "ours": ours,
    "Pillow, draft": pillow_draft,
    "Pillow, in full": pillow,
    "simplejpeg": simplejpeg,
    "pyvips": pyvips,
}


_OF_JPEG = ("Pillow, draft", "simplejpeg")
"""Only JPEGs can be shrunk while they are read, and simplejpeg reads nothing else."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one decoder made of one file.

    Attributes:
        milliseconds: of each round.
        apart: how far its pixels are from ours on average, in grey levels.
    """

    milliseconds: Sequence[float]
    apart: float


def measure(data: bytes, rounds: int) -> dict[str, Found]:
    """What each decoder that can read the file made of it, all in turn in every round."""
    with Image.open(BytesIO(data)) as image:
        is_jpeg = image.format == "JPEG"
    reference = ours(data).astype(np.int16)
    apart: dict[str, float] = {}
    for name, decode in DECODERS.items():
        if name in _OF_JPEG and not is_jpeg:
            continue
        try:
            apart[name] = float(np.abs(decode(data) - reference).mean())
        except (OSError, ValueError):
            continue  # it does not read such files; ours has
    times: dict[str, list[float]] = {name: [] for name in apart}
    for _ in range(rounds):
        for name in times:
            started = perf_counter()
            DECODERS[name](data)
            times[name].append((perf_counter() - started) * 1000)
    return {name: Found(times[name], apart[name]) for name in times}


def of_draft(found: Mapping[str, Found]) -> Spread:
    """What our loader takes of Pillow's draft path, within a round."""
    ours_and_theirs = (found[name].milliseconds for name in ("ours", "Pillow, draft"))
    return Spread.of([mine / other for mine, other in zip(*ours_and_theirs, strict=True)])


def _found(corpus: Path, count: int) -> dict[str, bytes]:
    files = {}
    for path in find_corpus(corpus, count):
        data = path.read_bytes()
        with Image.open(BytesIO(data)) as image:
            megapixels = image.width * image.height / 1e6
            files[f"{path.name}, {image.format}, {megapixels:.2g} MP"] = data
    return files


def _made() -> dict[str, bytes]:
    files = {}
    for megapixels in (0.1, 1, 12, 48):
        image = large_photograph(megapixels)
        files[f"JPEG, {megapixels:g} MP"] = encode(image, "JPEG", quality=88)
        if megapixels in (0.1, 12):
            name = f"{megapixels:g} MP"
            files[f"progressive JPEG, {name}"] = encode(image, "JPEG", quality=88, progressive=1)
            files[f"PNG, {name}"] = encode(image, "PNG", compress_level=1)
            files[f"WebP, {name}"] = encode(image, "WEBP", quality=80, method=0)
    return files


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Of every decoder on every file.")] = 9,
    corpus: CorpusFolder = None,
    pictures: Annotated[int, typer.Option(min=1, help="Of DIR.")] = 12,
    plot: PlotFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure milliseconds from a file's bytes to the network's pixels."""
    measured: dict[str, dict[str, Found]] = {}
    speed, distance, panels = [], [], []
    try:
        with progress("measuring") as advance:
            files = _found(corpus, pictures) if corpus else _made()
            for done, (name, data) in enumerate(files.items()):
                advance(done, len(files))
                found = measured[name] = measure(data, rounds)
                spreads = {n: Spread.of(each.milliseconds) for n, each in found.items()}
                speed.append((name, *(_shown(spreads.get(n)) for n in DECODERS)))
                distance.append((name, *(_apart(found.get(n)) for n in DECODERS)))
                panels.append(Panel.of(f"{name}, ms, median and range", spreads))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if plot:
        draw_bars(panels, plot)
    tables = [
        Table(
            f"Decoding to {SIZE} x {SIZE} in one thread, ms, median (lowest–highest)",
            ("File", *DECODERS),
            speed,
        ),
        *([] if corpus else [_beside_draft(measured[_BAR_FILE])]),
        Table("Mean distance of its pixels from ours, grey levels", ("File", *DECODERS), distance),
    ]
    packages = (*machine.PACKAGES, "simplejpeg", "pyvips-binary")
    show(tables, machine.facts(packages), as_json=as_json)


def _beside_draft(found: Mapping[str, Found]) -> Table:
    ratio = of_draft(found)
    shown = (f"{value:.2f}" for value in (ratio.median, ratio.lowest, ratio.highest))
    return Table(
        f"Our loader / Pillow's draft path, {_BAR_FILE}",
        ("Median", "Lowest", "Highest", "At most"),
        [(*shown, f"{BAR:g}")],
    )


def _shown(spread: Spread | None) -> str:
    return "" if spread is None else spread.shown("{:.2f}")


def _apart(found: Found | None) -> str:
    return "" if found is None else f"{found.apart:.2f}"


if __name__ == "__main__":
    typer.run(main)
