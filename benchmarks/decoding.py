"""From the bytes of a file to the network's pixels: our loader beside what else could decode.

`python -m benchmarks.decoding` takes photographs of several sizes in several formats, all decoders
in turn in every round, in one thread. How far the pixels of another decoder are from ours says what
taking it would cost: every embedding would move, and the network would have to be trained again.
"""

import statistics
from collections.abc import Callable, Mapping
from io import BytesIO
from time import perf_counter
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image

from benchmarks import machine
from benchmarks.bars import Panel, PlotFile, draw_bars
from benchmarks.large_pictures import encode, large_photograph
from benchmarks.table import Table, show
from jobs.cli.output import print_error, progress
from models.errors import NophotoError
from models.vision.pictures import load, prepare

SIZE = 224
Pixels = NDArray[np.uint8]
Decoder = Callable[[bytes], Pixels]


def ours(data: bytes) -> Pixels:
    """The loader of training and scoring: Pillow, JPEGs shrunk while they are read."""
    return load(data, SIZE)


def pillow(data: bytes) -> Pixels:
    """Pillow, the whole picture."""
    with Image.open(BytesIO(data)) as image:
        return prepare(image.convert("RGB"), SIZE)


def simplejpeg(data: bytes) -> Pixels:
    """libjpeg-turbo by simplejpeg, shrunk while it is read; our resampler."""
    import simplejpeg as turbo

    pixels = turbo.decode_jpeg(data, "RGB", min_height=SIZE, min_width=SIZE, min_factor=1)
    return prepare(Image.fromarray(pixels), SIZE)


def pyvips(data: bytes) -> Pixels:
    """Libvips' thumbnail, which shrinks JPEG and WebP while they are read; its resampler."""
    import pyvips as vips

    image = vips.Image.thumbnail_buffer(data, SIZE, height=SIZE, size="force")
    return np.asarray(image.colourspace("srgb").numpy()[..., :3], np.uint8)


DECODERS: Mapping[str, Decoder] = {
    "ours": ours,
    "Pillow, in full": pillow,
    "simplejpeg": simplejpeg,
    "pyvips": pyvips,
}


def measure(data: bytes, is_jpeg: bool, rounds: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds of each decoder, and how far its pixels are from ours on average."""
    decoders = {n: d for n, d in DECODERS.items() if is_jpeg or n != "simplejpeg"}
    reference = ours(data).astype(np.int16)
    apart = {n: float(np.abs(d(data) - reference).mean()) for n, d in decoders.items()}
    seconds: dict[str, list[float]] = {name: [] for name in decoders}
    for _ in range(rounds):
        for name, decode in decoders.items():
            started = perf_counter()
            decode(data)
            seconds[name].append(perf_counter() - started)
    return {n: (statistics.median(times) * 1000, apart[n]) for n, times in seconds.items()}


def _files() -> dict[str, tuple[bytes, bool]]:
    files = {}
    for megapixels in (0.1, 1, 12, 48):
        image = large_photograph(megapixels)
        files[f"JPEG, {megapixels:g} MP"] = (encode(image, "JPEG", quality=88), True)
        if megapixels in (0.1, 12):
            name = f"{megapixels:g} MP"
            files[f"progressive JPEG, {name}"] = (
                encode(image, "JPEG", quality=88, progressive=1),
                True,
            )
            files[f"PNG, {name}"] = (encode(image, "PNG", compress_level=1), False)
            files[f"WebP, {name}"] = (encode(image, "WEBP", quality=80, method=0), False)
    return files


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Of every decoder on every file.")] = 9,
    plot: PlotFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure milliseconds from a file's bytes to the network's pixels."""
    speed, distance, panels = [], [], []
    try:
        with progress("measuring") as advance:
            files = _files()
            for done, (name, (data, is_jpeg)) in enumerate(files.items()):
                advance(done, len(files))
                found = measure(data, is_jpeg, rounds)
                speed.append((name, *(_cell(found.get(n), 0) for n in DECODERS)))
                panels.append(Panel(f"{name}, ms", {n: ms for n, (ms, _) in found.items()}))
                distance.append((name, *(_cell(found.get(n), 1) for n in DECODERS)))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if plot:
        draw_bars(panels, plot)
    tables = [
        Table(f"Decoding to {SIZE} x {SIZE} in one thread, ms", ("File", *DECODERS), speed),
        Table("Mean distance of its pixels from ours, grey levels", ("File", *DECODERS), distance),
    ]
    packages = (*machine.PACKAGES, "simplejpeg", "pyvips-binary")
    show(tables, machine.facts(packages), as_json=as_json)


def _cell(found: tuple[float, float] | None, place: int) -> str:
    return "" if found is None else f"{found[place]:.2f}"


if __name__ == "__main__":
    typer.run(main)
