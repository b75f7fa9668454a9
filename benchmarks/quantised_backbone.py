"""`python -m benchmarks.quantised_backbone DIR OUT`: quantises the default backbone to 8 bits.

Weights take 7 of the 8 bits (NNCF's overflow fix), so that AVX2, AVX-512 and VNNI compute the same
features. It takes the extras `bench` and `train`.
"""

import json
import logging
import random
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import numpy as np
import openvino
import typer
from numpy.typing import NDArray

from benchmarks.backbone_weights import FULL, SIZE, TunedWeights, build_pooled
from nophoto.jobs.files import find_pictures
from nophoto.models.vision.distractors import draw_distractor
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
from nophoto.models.vision.pictures.prepare import load, prepare
from nophoto.models.vision.training.export import write_serving_form

GIVEN = 300
"""Picture files that calibrate."""

DRAWN = 60
"""Drawn placeholders that calibrate, and as many drawn distractors."""

_FIRST_SEED = 900_000

_TUNED = (
    " (ImageNet weights, the deeper half trained on to see absence by `python -m "
    "benchmarks.tuned_backbone`)"
)


def main(
    pictures: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Real pictures, as `python -m benchmarks.training_pictures` gathers.",
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder that is made.")],
    size: Annotated[int, typer.Option(min=32, help="Height and width of pictures.")] = SIZE,
    name: Annotated[str, typer.Option(help="Of the backbone, in the registry.")] = "",
    weights: TunedWeights = None,
    sources: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Markdown for the card: what the weights learnt."),
    ] = None,
) -> None:
    """Quantise EfficientNet-Lite0 with its pooling, and write network, manifest and card."""
    name = name or f"{FULL.alias}-{size}-int8"
    out.mkdir(parents=True, exist_ok=True)
    network = build_pooled(size, weights)
    network.trainable = False
    calibration = _calibration(pictures, size)
    with tempfile.TemporaryDirectory() as scratch:
        form = write_serving_form(network, Path(scratch) / "full.xml")
        quantise(form, calibration, out / "features.xml")
        fidelity = _fidelity(form, out / "features.xml", network.output_shape[1], size)
    origin = FULL.name + (_TUNED if weights else " on ImageNet weights")
    parts = [_card(name, origin, size, len(calibration), fidelity)]
    parts += [source.read_text() for source in sources or []]
    (out / "card.md").write_text("\n".join(parts))
    files = {
        file: sha256((out / file).read_bytes()).hexdigest()
        for file in ("card.md", "features.bin", "features.xml")
    }
    manifest = {
        "name": name,
        "backbone": FULL.name,
        "alias": FULL.alias,
        "input_size": size,
        "features": network.output_shape[1],
        "files": files,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    typer.echo((out / "card.md").read_text())


def _calibration(folder: Path, size: int) -> list[NDArray[np.uint8]]:
    files = sorted(find_pictures([str(folder)]).uris)
    random.Random(0).shuffle(files)
    given = [load(Path(file).read_bytes(), size) for file in files[:GIVEN]]
    seeds = range(_FIRST_SEED, _FIRST_SEED + DRAWN)
    drawn = [prepare(draw(seed).image, size) for seed in seeds]
    return given + drawn + [prepare(draw_distractor(seed), size) for seed in seeds]


def quantise(form: Path, pictures: Sequence[NDArray[np.uint8]], path: Path) -> Path:
    """Write a serving form in 8 bits, its weights in 7 of them, fitted to some pictures."""
    import nncf
    from nncf.quantization.advanced_parameters import (
        AdvancedQuantizationParameters,
        OverflowFix,
    )

    logging.getLogger("nncf").setLevel(logging.ERROR)
    quantised = nncf.quantize(
        openvino.Core().read_model(form),
        nncf.Dataset(pictures, lambda picture: picture[np.newaxis]),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(pictures),
        advanced_parameters=AdvancedQuantizationParameters(overflow_fix=OverflowFix.ENABLE),
    )
    # Whole numbers of 32 bits where they are left: 16 bits would move the features again.
    openvino.save_model(quantised, path, compress_to_fp16=False)
    return path


def _fidelity(form: Path, quantised: Path, features: int, size: int) -> tuple[float, float]:
    """The lowest and the mean cosine of the features of drawings that did not calibrate."""
    pixels = np.stack([prepare(draw(seed).image, size) for seed in range(60)])
    full, eight = (OpenVinoEngine(path, features).embed(pixels) for path in (form, quantised))
    norms = np.linalg.norm(full, axis=1) * np.linalg.norm(eight, axis=1)
    cosines = (full * eight).sum(axis=1) / norms
    return float(cosines.min()), float(cosines.mean())


def _card(
    name: str, origin: str, size: int, calibration: int, fidelity: tuple[float, float]
) -> str:
    low, mean = fidelity
    return (
        f"# {name}\n\n"
        f"{origin} with its pooling at several depths, for pictures of {size} pixels, quantised to "
        "8 bits by NNCF: weights per channel in 7 bits (overflow fix), activations in 8, bias "
        "corrected.\n\n"
        f"- Calibrated on {calibration} pictures: {GIVEN} real ones of packages that "
        "`python -m benchmarks.training_pictures` gathers, drawn by chance, "
        f"{DRAWN} drawn placeholders and {DRAWN} drawn distractors.\n"
        f"- Cosine of its features with those of the full network on 60 other drawings: mean "
        f"{mean:.4f}, lowest {low:.4f}. Heads are trained on the quantised features, so that this "
        "difference moves no verdict.\n"
    )


if __name__ == "__main__":
    typer.run(main)
