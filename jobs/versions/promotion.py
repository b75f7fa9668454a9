"""Model versions that the database knows: importing, comparing, promoting and rolling back."""

import getpass
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nophoto.jobs.evaluation.compare_versions import Progress, compare_versions
from nophoto.jobs.versions.gate import (
    GateReport,
    check_parity,
    problems_of,
)
from nophoto.jobs.versions.shadow import objection_of_shadow
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.tables import PromotionKind
from nophoto.models.records.versions import model_versions, promotions
from nophoto.models.records.versions.model_versions import ModelVersionRow
from nophoto.models.records.versions.promotions import Decision
from nophoto.models.vision.evaluation.paired import PairedComparison
from nophoto.models.vision.versions import (
    ModelVersion,
    ModelVersionError,
    pack_version,
)
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.network import open_network
from nophoto.worker.matching.active_judge import active_version, load_judge
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import open_registered, register_version, store_version

_NO_PICTURES = "Name a folder with `placeholder/` and `real/` by --held-out"


class PromotionError(NophotoError):
    """A model version may not judge, or there is none to go back to."""


@dataclass(frozen=True, slots=True)
class Switched:
    """A change of the version that judges.

    Attributes:
        model_version: the id of the one that judges now.
        replaced: of the one that judged until now; the same where nothing changed.
        gate: what was found before; None for a rollback, which passes no gate.
        forced: whether the gate was overruled.
    """

    model_version: str
    replaced: str | None
    gate: GateReport | None
    forced: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As plain values, as `nophoto model promote --json` prints it."""
        return {
            "model_version": self.model_version,
            "replaced": self.replaced,
            "forced": self.forced,
            "gate": self.gate and self.gate.as_dict(),
        }


def list_versions(database: Database) -> list[ModelVersionRow]:
    """Every version that the database knows, the newest first."""
    with database.reading() as session:
        return model_versions.list_all(session)


def get_version(database: Database, version_id: str) -> ModelVersionRow:
    """One of them; `active` means the one that judges.

    Raises:
        UnknownModelVersionError: if it is not registered.
        NoActiveModelError: if none judges.
    """
    with database.reading() as session:
        if version_id == "active":
            return active_version(model_versions.active(session), database)
        return model_versions.get(session, version_id)


def export_version(row: ModelVersionRow, settings: Settings, file: Path) -> ModelVersion:
    """Write a registered version into one file.

    Raises:
        ModelVersionError: if the version is not whole, or the file cannot be written.
    """
    version = open_registered(row, settings)
    pack_version(version, file)
    return version


def import_version(
    database: Database, settings: Settings, path: Path, digest: str | None = None
) -> tuple[ModelVersion, bool]:
    """Make the version in an exported file, or in a folder, known; it judges nothing yet.

    It is copied to where versions are kept. One that is known already, and lay in a folder or in
    another store, is looked for in the store from then on, where versions are kept in one.

    Args:
        database: that is to know it.
        settings: where versions are kept.
        path: the file or folder.
        digest: that it must have, SHA-256 (hex), as its maker says.

    Returns:
        The version on this host, and whether it was new to the database.

    Raises:
        ModelVersionError: if it is not whole, not the one of the digest, or cannot be kept.
        ModelVersionConflictError: if another version has its id.
    """
    version, location = store_version(path, settings, digest)
    return version, register_version(database, version, location)


def promote(
    database: Database,
    settings: Settings,
    decoders: Decoders,
    version_id: str,
    decision: Decision,
    held_out: Path | None = None,
    on_progress: Progress = lambda *_: None,
) -> Switched:
    """Let a registered version judge, if it passes the gate.

    Args:
        database: whose workers are to judge by it.
        settings: limits.
        decoders: decode pictures and references.
        version_id: of the version.
        decision: by whom and why; a forced one overrules the comparison, but neither the check of
            the files nor that of the serving form.
        held_out: a folder to compare on; see `compare_versions`.
        on_progress: told of every chunk of pictures.

    Raises:
        PromotionError: if the gate stays shut, or the active version changed meanwhile.
        ModelVersionError: if the version's files are missing or changed.
    """
    if decision.forced and not decision.reason.strip():
        raise PromotionError("a forced promotion is kept with its reason; give one by --reason")
    row = get_version(database, version_id)
    candidate = open_registered(row, settings)
    with database.reading() as session:
        active = model_versions.active(session)
    if active is not None and active.id == row.id:
        return Switched(row.id, row.id, None)
    compared_on, comparison, problems = _compare(
        candidate, active, database, settings, decoders, held_out, on_progress
    )
    objection = objection_of_shadow(database, row.id, settings.shadow_fewest)
    problems += (objection,) if objection else ()
    if problems and not decision.forced:
        raise PromotionError(
            f"{row.id} is not promoted: {'; '.join(problems)}. --force --reason TEXT promotes it "
            "all the same"
        )
    parity = check_parity(candidate)
    if parity.problem:
        raise PromotionError(f"{row.id} is not promoted: {parity.problem}")
    report = GateReport(parity, active.id if active else None, compared_on, comparison, problems)
    forced = bool(problems)
    _embed_ahead(database, settings, decoders, candidate)
    with database.transaction() as session:
        replaced = model_versions.activate(
            session, row.id, replace(decision, forced=forced, gate=report.as_dict())
        )
        if replaced != report.compared_with:
            raise PromotionError(
                f"{replaced} became active while {row.id} was compared with "
                f"{report.compared_with}; promote again"
            )
    return Switched(row.id, replaced, report, forced)


def roll_back(
    database: Database, settings: Settings, decoders: Decoders, by: str, reason: str = ""
) -> Switched:
    """Let the version judge again that judged before the one that judges now.

    Raises:
        PromotionError: if there is none, or the active version changed meanwhile.
        ModelVersionError: if its files are missing or changed.
    """
    with database.reading() as session:
        judging = model_versions.active(session)
        target = promotions.previous(session)
        if target is None:
            raise PromotionError(
                "no model version judged before this one; `nophoto model promote ID` chooses one"
            )
        row = model_versions.get(session, target)
    _embed_ahead(database, settings, decoders, open_registered(row, settings))
    with database.transaction() as session:
        is_previous = promotions.previous(session) == target
        replaced = model_versions.activate(
            session, target, Decision(PromotionKind.ROLLED_BACK, by=by, reason=reason)
        )
        # `activate` waits for a promotion under way, which has then made another version active.
        if not is_previous or judging is None or replaced != judging.id:
            raise PromotionError(
                "another model version became active meanwhile; look at `nophoto model list`, and "
                "roll back again if that is still wanted"
            )
    return Switched(target, replaced, None)


def current_user() -> str:
    """Who runs this, as promotions name them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return ""


def _embed_ahead(
    database: Database, settings: Settings, decoders: Decoders, version: ModelVersion
) -> None:
    """Store what `version` makes of the references before it judges.

    Every worker would embed them all when it changes over, and judge nothing meanwhile.
    """
    load_judge(database, open_network(version, settings), settings, decoders)


def _compare(
    candidate: ModelVersion,
    active: ModelVersionRow | None,
    database: Database,
    settings: Settings,
    decoders: Decoders,
    held_out: Path | None,
    on_progress: Progress,
) -> tuple[str, PairedComparison | None, tuple[str, ...]]:
    """On what it was compared with the active version, the figures, and what speaks against it."""
    if active is None:
        return "nothing: no version judges yet", None, ()
    try:
        before = open_registered(active, settings)
    except ModelVersionError as error:
        problem = f"it cannot be compared with {active.id}, which judges: {error}"
        return "nothing", None, (problem,)
    compared_on, comparison = compare_versions(
        before, candidate, database, settings, decoders, held_out, on_progress
    )
    return compared_on, comparison, problems_of(comparison, compared_on, _NO_PICTURES)
