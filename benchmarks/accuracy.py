"""One table of accuracy: hashes, entropy, ImageNet's features, the baseline recipe and ours."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import machine
from benchmarks.known_pictures import KnownPictures, find_known, register_version
from benchmarks.learning_options import Corpus, Negatives, learnt_photographs
from benchmarks.methods import (
    Method,
    entropy,
    imagenet_features,
    pdq,
    phash,
    version_embeddings,
)
from nophoto.jobs.cli.rendering.output import print_error, progress, stdout
from nophoto.jobs.cli.rendering.training_progress import TrainingProgress
from nophoto.jobs.training.train import train
from nophoto.models.errors import NophotoError
from nophoto.models.vision.evaluation import Evaluation, evaluate
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.pictures import Pictures
from nophoto.models.vision.versions import ModelVersion, open_version, shipped_version
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.retraining.request import RetrainParameters
from nophoto.worker.settings import Settings

_MADE = 2_000


def methods(baseline: ModelVersion, ours: ModelVersion) -> Iterator[tuple[str, Method]]:
    """By name, one after the other: each network is gone before the next comes."""
    yield "pHash", phash
    yield "PDQ", pdq
    yield "entropy", entropy
    for name in ("efficientnet-lite0", "resnet50"):
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nophoto-")))
            yield f"ImageNet, {name}", stack.enter_context(imagenet_features(name, scratch))
    for name, version in (
        (f"baseline recipe, {baseline.id}", baseline),
        (f"ours, {ours.id}", ours),
    ):
        with version_embeddings(version) as method:
            yield name, method


def measure(
    known: KnownPictures, baseline: ModelVersion, ours: ModelVersion
) -> dict[str, Evaluation]:
    """What each method makes of the same pictures, by name."""
    placeholders, real = (
        [file.read_bytes() for file in files] for files in (known.placeholders, known.real)
    )
    references = [reference.data for reference in shipped_references()]
    found = {}
    with progress("measuring") as advance:
        for done, (name, method) in enumerate(methods(baseline, ours)):
            advance(done)
            likeness = method([*placeholders, *real], references)
            found[name] = evaluate(
                likeness[: len(placeholders)], likeness[len(placeholders) :], threshold=0.0
            )
    return found


def train_baseline_version(folder: Path, real: list[Path], known: KnownPictures) -> ModelVersion:
    """A version by the baseline recipe; its threshold, which no figure here heeds, by `known`."""
    held_out = list(known.placeholders[:20]), list(known.real[:100])
    pictures = Pictures([], [real], *held_out, "Of a benchmark.")
    parameters = RetrainParameters(recipe={"recipe": "baseline"}, target=0.01)
    with TrainingProgress() as shown:
        return train(parameters, pictures, folder, decoders_of(Settings(_env_file=None)), shown)[0]


def main(
    corpus: Corpus = None,
    negatives: Negatives = None,
    baseline_version: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A version by the baseline recipe; else it is trained."
        ),
    ] = None,
    model_version: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Another version than the shipped one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure how well each method tells placeholders that nobody knows from real pictures.

    All compare the same pictures with the same shipped references.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="nophoto-") as name:
            folder = Path(name)
            known = find_known(corpus) if corpus else register_version(folder, _MADE)
            if baseline_version:
                baseline = open_version(baseline_version)
            else:
                learnt = learnt_photographs(negatives)
                baseline = train_baseline_version(folder / "versions", learnt, known)
            ours = open_version(model_version) if model_version else shipped_version()
            found = measure(known, baseline, ours)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    facts = machine.facts() | {"pictures": known.name}
    if as_json:
        figures = {method: evaluation.as_dict() for method, evaluation in found.items()}
        json.dump({"figures": figures, "facts": facts}, sys.stdout, indent=2)
    else:
        _print(found, facts)


def _print(found: dict[str, Evaluation], facts: dict[str, str]) -> None:
    from rich.table import Table

    from benchmarks.shares import share

    rates = next(iter(found.values())).true_positives_at
    names = [f"Found at {rate:.1%} false alarms" for rate in rates]
    table = Table("Method", *names, "Area under the ROC curve", title="With 95 % intervals")
    for method, figures in found.items():
        low, high = figures.auc_interval
        shares = map(share, figures.true_positives_at.values())
        table.add_row(method, *shares, f"{figures.auc:.4f} ({low:.4f}–{high:.4f})")
    stdout().print(table)
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
