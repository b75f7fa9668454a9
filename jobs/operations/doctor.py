"""Looking at every part that the system needs, with a remedy for each that is not well."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock, references
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import results
from nophoto.models.records.scoring.claims import has_lapsed
from nophoto.models.records.tables import Upload, UploadState
from nophoto.models.records.versions import model_versions
from nophoto.worker.settings import Settings

_CLOCKS_APART = 5.0
"""Seconds; leases go by the database's clock, but logs and the broker's messages by each host's."""

_LEAST_FREE = 1 << 30
"""Bytes of disk."""

_WAITS_LONG = 600.0
"""Seconds; a queue that stands still for so long has no worker, or too few."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part; a remedy is given exactly where it is not well."""

    part: str
    detail: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing need be done."""
        return not self.remedy


def examine(settings: Settings) -> list[Finding]:
    """What is found of each part; nothing is changed, and no part's failure hides another's."""
    parts: list[tuple[str, Callable[[Settings], Iterator[Finding]]]] = [
        ("database", _database),
        ("broker", _broker),
        ("model version", _model_version),
        ("reference set", _reference_set),
        ("roots", _roots),
        ("clock", _clock),
        ("disk", _disk),
        ("leases", _leases),
        ("schedule", _schedule_and_outbox),
    ]
    found: list[Finding] = []
    for part, look in parts:
        try:
            found += look(settings)
        except NophotoError as error:
            detail, _, remedy = str(error).rpartition(". ")
            found.append(Finding(part, detail or remedy, remedy))
    return found


def _database(settings: Settings) -> Iterator[Finding]:
    from nophoto.migrations import check, head

    check(settings.effective_database_url)
    database = Database(settings.effective_database_url)
    yield Finding("database", f"{database} answers, at revision {head()}")


def _broker(settings: Settings) -> Iterator[Finding]:
    from nophoto.worker.broker.app import create_app
    from nophoto.worker.broker.publisher import check_broker

    check_broker(create_app(settings))
    yield Finding("broker", "answers")


def _model_version(settings: Settings) -> Iterator[Finding]:
    from nophoto.worker.matching.active_judge import active_version
    from nophoto.worker.versions.registry import check_store, open_registered

    database = Database(settings.effective_database_url)
    _be_migrated(settings)
    with database.reading() as session:
        active = active_version(model_versions.active(session), database)
    open_registered(active, settings)
    yield Finding("model version", f"{active.id} is whole, digest {active.digest[:12]}")
    if settings.versions_store:
        check_store(settings)
        yield Finding("model version", f"{settings.versions_store} answers")


def _reference_set(settings: Settings) -> Iterator[Finding]:
    _be_migrated(settings)
    with Database(settings.effective_database_url).reading() as session:
        active = references.active(session)
    detail = f"version {active.version}, {len(active.members)} references"
    remedy = "" if active.members else "Add placeholders with `nophoto references add FILE`"
    yield Finding("reference set", detail, remedy)


def _roots(settings: Settings) -> Iterator[Finding]:
    from nophoto.worker.storage.storage import storage_of

    if not settings.roots:
        yield Finding(
            "roots",
            "none: every upload fails as `forbidden`",
            "Set NOPHOTO_ROOTS to the folder of the uploads",
        )
    storage_of(settings)
    for root in settings.roots:
        folder = Path(root.removeprefix("file://")).expanduser()
        if "://" in root and not root.startswith("file://"):
            yield Finding("roots", f"{root} is remote, and was not read")
        elif not folder.is_dir():
            yield Finding(
                "roots", f"{root} is no folder here", "Create or mount it, or correct NOPHOTO_ROOTS"
            )
        else:
            yield Finding("roots", f"{root} is there")


def _clock(settings: Settings) -> Iterator[Finding]:
    with Database(settings.effective_database_url).reading() as session:
        apart = abs((clock.now(session) - datetime.now(UTC)).total_seconds())
    remedy = "Let NTP set the clocks of this host and the database's"
    yield Finding(
        "clock",
        f"{apart:.1f} seconds apart from the database's",
        remedy if apart > _CLOCKS_APART else "",
    )


def _disk(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.effective_database_url).file
    folders = {settings.home_folder: "NOPHOTO_HOME"}
    if database:
        folders.setdefault(database.parent, "NOPHOTO_DATABASE_URL")
    if settings.versions and not settings.versions_store:
        folders.setdefault(settings.versions_folder, "NOPHOTO_VERSIONS")
    for folder, variable in folders.items():
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(existing).free
        yield Finding(
            "disk",
            f"{free / 2**30:.1f} GB free for {folder}",
            f"Free some, or let {variable} name another place" if free < _LEAST_FREE else "",
        )


def _leases(settings: Settings) -> Iterator[Finding]:
    _be_migrated(settings)
    with Database(settings.effective_database_url).reading() as session:
        now = clock.now(session)
        claimed = Upload.state == UploadState.CLAIMED
        held = session.scalar(select(func.count()).where(claimed)) or 0
        # One sweep after they have passed they should be somebody else's.
        before = now - timedelta(seconds=settings.sweep_seconds + settings.lease_seconds)
        stale = has_lapsed(before, settings.lease_seconds + settings.sweep_seconds)
        lapsed = session.scalar(select(func.count()).where(claimed, stale)) or 0
        backlog = results.counts(session).backlog
    yield Finding(
        "leases",
        f"{held:,} uploads are held, {lapsed:,} of them under a lease that passed",
        "Start a worker: `nophoto worker`, or `nophoto up`" if lapsed else "",
    )
    for lane, waiting in backlog.items():
        long = waiting.oldest_seconds > _WAITS_LONG and not held
        yield Finding(
            "leases",
            f"{waiting.waiting:,} uploads wait in {lane}, the oldest for "
            f"{waiting.oldest_seconds:,.0f} seconds",
            "Nobody works on them. Start a worker: `nophoto worker`, or `nophoto up`"
            if long
            else "",
        )


def _schedule_and_outbox(settings: Settings) -> Iterator[Finding]:
    from nophoto.worker.scheduler.checks import observe

    _be_migrated(settings)
    with Database(settings.effective_database_url).reading() as session:
        for seen in observe(session, settings):
            yield Finding(seen.part, seen.detail, seen.remedy)


def _be_migrated(settings: Settings) -> None:
    from nophoto.migrations import check

    check(settings.effective_database_url)
