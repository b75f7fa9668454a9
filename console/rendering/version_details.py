"""What is shown of one model version: its curves, and where moderators said otherwise."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nophoto.console.i18n.catalogue import Translations
from nophoto.console.rendering.charts import COLOURS, Series, histogram, line_chart, roc
from nophoto.models.records.tables import Upload
from nophoto.models.records.versions.model_versions import ModelVersionRow
from nophoto.models.vision.versions import ModelVersion, read_held_out
from nophoto.models.vocabulary import Verdict

_MISTAKES = 12
_FIGURES = ("loss", "accuracy")
"""What the points of a training's curve may tell, where they do."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """An upload where the moderator's word is not the version's."""

    upload_id: int
    key: str
    verdict: Verdict
    similarity: float


def training_curves(points: list[dict[str, Any]], texts: Translations) -> list[Markup]:
    """A chart for each figure that a training told at its steps or epochs."""
    along = next((name for name in ("step", "epoch") if points and name in points[0]), None)
    if along is None:
        return []
    charts = []
    heads = sorted({point.get("seed", 0) for point in points})[-len(COLOURS) :]
    for figure in _FIGURES:
        lines = [
            _line(points, head, along, name, texts)
            for name in sorted({name for point in points for name in point if figure in name})
            for head in heads
        ]
        if lines:
            charts.append(line_chart(lines, texts(f"models.{along}")))
    return charts


def kept_curve(version: ModelVersion) -> list[dict[str, Any]]:
    """The points that the training of a version kept; none where it kept no curve."""
    file = version.folder / "curve.json"
    if file.name not in version.manifest.files:
        return []
    found = json.loads(file.read_text(encoding="utf-8"))
    return [point for point in found if isinstance(point, dict)]


def held_out_charts(version: ModelVersion, texts: Translations) -> list[Markup]:
    """Histogram and ROC over the pictures that the version was measured by, where it kept them."""
    kept = read_held_out(version)
    values = {kind: np.array(list(kept[kind].values()), np.float64) for kind in Verdict}
    if not all(len(some) for some in values.values()):
        return []
    groups = [
        (texts(f"verdict.{kind}"), values[kind]) for kind in (Verdict.REAL, Verdict.PLACEHOLDER)
    ]
    line = roc(values[Verdict.PLACEHOLDER], values[Verdict.REAL])
    return [
        histogram(groups, version.manifest.threshold, texts("gauge.similarity")),
        line_chart([line], texts("models.false_alarms"), unit=True),
    ]


def worst_mistakes(session: Session, row: ModelVersionRow) -> list[Mistake]:
    """Uploads that the version judged and moderators overturned, the most certain ones first."""
    certainty = func.abs(Upload.similarity - row.threshold)
    query = (
        select(Upload.id, Upload.key, Upload.verdict, Upload.similarity)
        .where(
            Upload.reviewed.is_not(None),
            Upload.reviewed != Upload.verdict,
            Upload.model_version_id == row.id,
            Upload.similarity.is_not(None),
        )
        .order_by(certainty.desc())
        .limit(_MISTAKES)
    )
    return [
        Mistake(upload_id, key, verdict, similarity)
        for upload_id, key, verdict, similarity in session.execute(query)
        if verdict is not None and similarity is not None
    ]


def _line(
    points: list[dict[str, Any]], head: int, along: str, name: str, texts: Translations
) -> Series:
    """One figure of one of the heads that a training tries, each from a seed of its own."""
    own = [
        point for point in points if point.get("seed", 0) == head and _is_number(point.get(name))
    ]
    called = f"{name}, {texts('models.seed', seed=head)}"
    return Series(called, [float(p[along]) for p in own], [float(p[name]) for p in own])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
