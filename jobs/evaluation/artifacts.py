"""What `nophoto evaluate --out` writes: plots, figures, and the worst mistakes to look at."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PIL import Image

from nophoto.jobs.evaluation.contact_sheet import SIDE, Pair, contact_sheet
from nophoto.jobs.evaluation.evaluate import Report
from nophoto.jobs.evaluation.reference_sources import References
from nophoto.jobs.files import OutputError
from nophoto.models.vision.evaluation.plots import plot_histogram, plot_roc
from nophoto.models.vision.matching import Judgement
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import Verdict
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, limits_of

WORST = 40
"""Pictures on a contact sheet."""


def write_files(
    folder: Path, report: Report, references: References, settings: Settings, decoders: Decoders
) -> Iterator[Path]:
    """Write each file and yield its path; the plots, which need matplotlib, come last.

    Raises:
        OutputError: if the folder cannot be written to.
        PlotsError: if matplotlib is not installed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        figures = folder / "evaluation.json"
        figures.write_text(json.dumps(report.as_dict(), indent=2) + "\n", encoding="utf-8")
        yield figures
        for kind, name in ((Verdict.REAL, "false-alarms"), (Verdict.PLACEHOLDER, "missed")):
            sheet = folder / f"{name}.png"
            _sheet(kind, report, references, settings, decoders).save(sheet)
            yield sheet
        placeholders = report.scores(Verdict.PLACEHOLDER)
        real = report.scores(Verdict.REAL)
        for plot, name in ((plot_roc, "roc"), (plot_histogram, "scores")):
            file = folder / f"{name}.png"
            plot(file, placeholders, real, report.figures.threshold)
            yield file
    except OSError as error:
        raise OutputError.of(folder, error) from error


def _sheet(
    kind: Verdict,
    report: Report,
    references: References,
    settings: Settings,
    decoders: Decoders,
) -> Image.Image:
    """The pictures of a kind that are most like the other kind, the worst first."""
    judged = [
        (picture.outcome.score, picture, picture.outcome.verdict != kind)
        for picture in report.pictures[kind]
        if isinstance(picture.outcome, Judgement) and picture.outcome.score is not None
    ]
    judged.sort(key=lambda item: item[0], reverse=kind == Verdict.REAL)
    mistakes = sum(wrong for *_, wrong in judged)
    what = "real pictures flagged" if kind == Verdict.REAL else "placeholders missed"
    shown = judged[:WORST]
    storage = Storage(("/", *settings.roots), limits_of(settings))

    def shown_copy(read: Callable[[], bytes]) -> Image.Image | None:
        try:
            return Image.fromarray(decoders.small_copy(read(), SIDE))
        except PictureError:
            return None  # it was there when it was judged

    return contact_sheet(
        f"{mistakes:,} of {len(judged):,} {what} (framed); here are the {len(shown)} closest to it",
        [
            Pair(
                shown_copy(partial(storage.read, picture.uri)),
                shown_copy(partial(references.picture, picture.nearest))
                if picture.nearest
                else None,
                (f"{score:+.3f}", Path(picture.uri).name),
                wrong,
            )
            for score, picture, wrong in shown
        ],
    )
