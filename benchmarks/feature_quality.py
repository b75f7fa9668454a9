"""How well the backbone's features tell absence, at several sizes and precisions.

`python -m benchmarks.feature_quality DIR...` learns a logistic regression on the pooled features of
known pictures, and judges each picture by the one that has not seen its project. That takes
seconds where `nophoto cross-validate` trains a head, so that it chooses sizes and weights; what a
head makes of them is told by the latter. It takes the extras `demo` and `train`.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.backbone_weights import TunedWeights, build_pooled
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.jobs.configuration import load_settings
from nophoto.jobs.training.known_pictures import known_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.vision.backbones.quantised import quantised_backbone, quantised_names
from nophoto.models.vision.evaluation import auc, threshold_at
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.worker.decoding.pool import decoders_of

if TYPE_CHECKING:
    from nophoto.models.vision.training.features import Features

SIZES = (224, 192, 160, 128)
"""Heights and widths of pictures, in pixels."""

_FOLDS = 5
_STRENGTH = 0.003
"""Of the regression's penalty (scikit-learn's C): far fewer placeholders than features."""

_RATES = (0.001, 0.005, 0.01, 0.02)

_DRAWS = 4
"""Choices of projects, where not all are learnt: which ones they are says much."""

Form = tuple[str, Path, int, int]
"""What it is called, the network, the size of its pictures, the number of its features."""


def forms(folder: Path, sizes: Sequence[int], weights: Path | None) -> Iterator[Form]:
    """The full backbone for each size, and each quantised one that is registered."""
    from nophoto.models.vision.training.export import write_serving_form

    for size in sizes:
        features = build_pooled(size, weights)
        form = write_serving_form(features, folder / f"{size}.xml")
        yield f"{size} pixels, 32 bits", form, size, features.output_shape[1]
    for name in quantised_names():
        one = quantised_backbone(name)
        yield name, one.form, one.manifest.input_size, one.manifest.features


def compute(form: Form, paths: Sequence[Path], decoder: Decoder) -> "Features":
    """Features of those picture files that can be read."""
    from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
    from nophoto.models.vision.training.features import compute_features
    from nophoto.models.vision.training.samples import upload_samples

    name, path, size, features = form
    engine = OpenVinoEngine(path, features)
    with progress(name) as advance:
        return compute_features(upload_samples(paths), engine, size, decoder, advance)


def judge(
    features: NDArray[np.float32],
    folds: NDArray[np.int64],
    absent: NDArray[np.bool_],
    learnt: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """The logit of absence of each picture (n,), by a regression on the other folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    logits = np.empty(len(features))
    for fold in set(folds.tolist()):
        others = (folds != fold) & learnt
        model: Any = make_pipeline(
            StandardScaler(),
            LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=200),
        )
        model.fit(features[others], absent[others])
        logits[folds == fold] = model.decision_function(features[folds == fold])
    return logits


def figures(
    clear: NDArray[np.float64], real: NDArray[np.float64], wild: NDArray[np.float64]
) -> list[float]:
    """Area under the curve against all real pictures and the unusual ones, and what is found."""
    areas = [auc(clear, some) for some in (real, wild)]
    return areas + [float((clear >= threshold_at(real, rate)).mean()) for rate in _RATES]


def row(name: str, found: Sequence[Sequence[float]]) -> list[str]:
    """The means of `figures` of several draws, as a table shows them."""
    means = np.mean(found, axis=0).tolist()
    areas, shares = means[: -len(_RATES)], means[-len(_RATES) :]
    return [name, *(f"{area:.4f}" for area in areas), *(f"{share:.1%}" for share in shares)]


def some_projects(
    projects: NDArray[np.str_], absent: NDArray[np.bool_], share: float, draw: int
) -> NDArray[np.bool_]:
    """Which pictures to learn (n,): of the projects with placeholders a share, drawn by chance.

    Real pictures are learnt whatever their project.
    """
    known = np.unique(projects[absent])
    drawn = np.random.default_rng(draw).permutation(known)[: max(1, round(share * len(known)))]
    return ~absent | np.isin(projects, drawn)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of pictures, each (n,).

    Attributes:
        projects: where they come from.
        folds: in which they are judged.
        absent: which are placeholders that nobody takes for an upload.
        real: which are real.
        ordinary: which are ordinary photographs.
    """

    projects: NDArray[np.str_]
    folds: NDArray[np.int64]
    absent: NDArray[np.bool_]
    real: NDArray[np.bool_]
    ordinary: NDArray[np.bool_]


def learn(features: NDArray[np.float32], known: Known, share: float) -> list[list[float]]:
    """`figures` of each draw of a share of the projects, from features (n, values)."""
    parts = (known.absent, known.real, known.real & ~known.ordinary)
    found = []
    for draw in range(_DRAWS if share < 1 else 1):
        learnt = some_projects(known.projects, known.absent, share, draw)
        learnt &= known.absent | known.real
        logits = judge(features, known.folds, known.absent, learnt)
        found.append(figures(*(logits[part] for part in parts)))
    return found


def main(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="As `nophoto cross-validate` takes them."),
    ],
    projects: Annotated[list[Path] | None, typer.Option(metavar="CSV")] = None,
    kinds: Annotated[Path | None, typer.Option(metavar="CSV")] = None,
    weights: TunedWeights = None,
    sizes: Annotated[
        list[int] | None, typer.Option("--size", min=32, help="In pixels; name it again for more.")
    ] = None,
    shares: Annotated[
        list[float] | None,
        typer.Option(
            "--share",
            min=0.01,
            max=1,
            help="Of the projects with placeholders, those that are learnt; again for more.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure what is linear in the backbone's features, on projects that were not learnt."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from nophoto.models.vision.training.cross_validation import assign_folds
    from nophoto.models.vision.training.nearness import is_clear

    try:
        pictures = known_pictures(folders, projects or [], kinds)
        folds = np.array(assign_folds(pictures, _FOLDS))
        real = np.array([not picture.is_placeholder for picture in pictures])
        clear = np.array([is_clear(picture) for picture in pictures])
        ordinary = np.array([picture.group.startswith(("photos", "hard")) for picture in pictures])
        names = np.array([picture.project for picture in pictures])
        paths, decoder = [picture.path for picture in pictures], decoders_of(load_settings())
        rows = []
        with tempfile.TemporaryDirectory(prefix="nophoto-") as scratch:
            for form in forms(Path(scratch), sizes or SIZES, weights):
                features = compute(form, paths, decoder)
                at, values = features.places, features.values.astype(np.float32)
                known = Known(names[at], folds[at], clear[at], real[at], ordinary[at])
                for share in shares or [1.0]:
                    name = form[0] if share == 1 else f"{form[0]}, {share:.0%} of the projects"
                    rows.append(row(name, learn(values, known, share)))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    columns = ("Features", "AUC", "AUC, unusual", *(f"found at {rate:.1%}" for rate in _RATES))
    title = f"A regression on features: {clear.sum()} placeholders, {real.sum()} real"
    show([Table(title, columns, rows)], machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
