"""Working on a retraining: from what was asked to a registered model version."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nophoto.jobs.training.dataset import build_dataset
from nophoto.jobs.training.held_out_files import mistaken_files
from nophoto.jobs.training.leased_run import LeasedRun, lease_of
from nophoto.jobs.training.train import train
from nophoto.jobs.versions.promotion import PromotionError, promote
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import ClaimedRun, UnknownRunError
from nophoto.models.records.runs.documents import CurvePoint, RetrainProgress, RetrainResult
from nophoto.models.records.versions.promotions import Decision
from nophoto.models.vocabulary import Verdict
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.retraining.request import RetrainParameters
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import check_store, register_version, store_version

if TYPE_CHECKING:
    from nophoto.models.vision.training.baseline.training import BaselineTraining
    from nophoto.models.vision.training.fitting import Epoch
    from nophoto.models.vision.training.reporting import Reporter

_POINTS = 600
"""Of the learning curve, that a run shows while it goes on; the version keeps its own."""

UNREADABLE_NAMED = 20
"""Files that a result names; it counts the others."""


@dataclass(frozen=True, slots=True)
class Retrained:
    """What a retraining came to.

    Attributes:
        result: as it is kept with the run.
        baseline: what a training by the baseline recipe tells beside; None for another recipe, or
            where the version was trained before this process took over.
    """

    result: RetrainResult
    baseline: "BaselineTraining | None"


def execute_run(
    database: Database,
    settings: Settings,
    decoders: Decoders,
    claimed: ClaimedRun,
    shown: "Reporter",
) -> Retrained:
    """Work on a claimed retraining until it ends.

    Whatever ends it leaves no version behind but a whole one: what is half done lies in the
    folder of the run, and goes with it or is taken up again.

    Args:
        database: that the run is in, and that is to know the version.
        settings: where versions and half-done work are kept.
        decoders: decode the files to learn from.
        claimed: the run.
        shown: told of the progress as well.

    Raises:
        RunStoppedError: if somebody paused or cancelled the run, or took it over.
        NophotoError: if the training cannot be done, as on a full disk; the run is failed with it.
    """
    with LeasedRun(database, claimed, lease_of(settings)) as held:
        remove_folders(database, settings)
        parameters = RetrainParameters.of(claimed.parameters)
        folder = _folder(settings, claimed.id)
        folder.mkdir(parents=True, exist_ok=True)
        before = cast(RetrainProgress, claimed.progress or {})
        if "result" in before:
            result, baseline = before["result"], None
        else:
            result, baseline = _train(database, settings, decoders, parameters, folder, held, shown)
            # A process that takes over has only the promotion left.
            held.report(RetrainProgress(stage="trained", result=result), at_once=True)
        if parameters.promote:
            refusal = _promote(database, settings, decoders, claimed.id, result, parameters, folder)
            result["promoted"] = refusal is None
            if refusal is not None:
                result["not_promoted_because"] = refusal
        held.finish(result)
    shutil.rmtree(folder, ignore_errors=True)
    return Retrained(result, baseline)


def remove_folders(database: Database, settings: Settings) -> None:
    """Remove what runs left that are done or cancelled, and will never be taken up again."""
    for folder in _folder(settings, 0).parent.glob("*"):
        try:
            with database.reading() as session:
                state = runs.get(session, int(folder.name)).state
        except (UnknownRunError, ValueError):
            continue
        if state in ("done", "cancelled"):
            shutil.rmtree(folder, ignore_errors=True)


def _folder(settings: Settings, run_id: int) -> Path:
    return settings.home_folder / "runs" / str(run_id)


def _train(
    database: Database,
    settings: Settings,
    decoders: Decoders,
    parameters: RetrainParameters,
    folder: Path,
    held: LeasedRun,
    shown: "Reporter",
) -> "tuple[RetrainResult, BaselineTraining | None]":
    # Not only after hours of training.
    check_store(settings, writes=True)
    # Of a process that was killed, or that found no room for its version at the end.
    shutil.rmtree(folder / "versions", ignore_errors=True)
    reporter = _Reporter(held, shown)
    pictures = build_dataset(database, settings, parameters, folder, reporter.on_unreadable)
    trained, baseline = train(parameters, pictures, folder, decoders, reporter)
    held.check()
    version, location = store_version(trained.folder, settings)
    register_version(database, version, location)
    metrics = version.manifest.metrics
    held_out = [*pictures.held_out_placeholders, *pictures.held_out_real]
    result = RetrainResult(
        model_version=version.id,
        digest=version.digest,
        location=location,
        threshold=version.manifest.threshold,
        found=metrics["true_positive_rate"],
        false_alarms=metrics["false_positive_rate"],
        false_alarms_interval=metrics["false_positive_rate_interval"],
        target=parameters.target,
        is_target_shown=metrics["real_pictures"] * parameters.target >= 1,
        unreadable=len(reporter.unreadable),
        unreadable_files=dict(list(reporter.unreadable.items())[:UNREADABLE_NAMED]),
        # What was copied from the database goes with the run, and is known by its upload.
        held_out_files=mistaken_files(
            version, [path for path in held_out if not path.is_relative_to(folder)]
        ),
    )
    return result, baseline


def _promote(
    database: Database,
    settings: Settings,
    decoders: Decoders,
    run_id: int,
    result: RetrainResult,
    parameters: RetrainParameters,
    folder: Path,
) -> str | None:
    """Let the version judge, or return what the gate found."""
    with database.reading() as session:
        by = runs.get(session, run_id).requested_by
    reviewed = folder / "data" / "held-out"
    held_out = Path(parameters.held_out) if parameters.held_out else reviewed
    has_both = all((held_out / kind).is_dir() for kind in Verdict)
    try:
        promote(
            database,
            settings,
            decoders,
            result["model_version"],
            Decision(by=by, reason=f"retraining, run {run_id}"),
            held_out if has_both else None,
        )
    except PromotionError as error:
        return str(error)
    return None


class _Reporter:
    """Tells the run and people who watch, and names what could not be read."""

    def __init__(self, held: LeasedRun, shown: "Reporter") -> None:
        self._held = held
        self._shown = shown
        self.unreadable: dict[str, str] = {}
        self._curve: list[CurvePoint] = []

    def on_picture(self, stage: str, done: int, total: int) -> None:
        self._shown.on_picture(stage, done, total)
        progress = RetrainProgress(stage=stage, done=done, total=total, loss=None)
        self._held.report(progress, at_once=done == total)

    def on_epoch(self, epoch: "Epoch") -> None:
        self._shown.on_epoch(epoch)
        self._curve.append({"seed": epoch.seed, "step": epoch.step, "loss": epoch.loss})
        self._held.report(
            RetrainProgress(
                stage=f"head from seed {epoch.seed}",
                done=epoch.step,
                total=epoch.steps,
                loss=epoch.loss,
                curve=self._curve[-_POINTS:],
            ),
            at_once=True,
        )

    def on_unreadable(self, path: Path, reason: str) -> None:
        self._shown.on_unreadable(path, reason)
        self.unreadable[str(path)] = reason
