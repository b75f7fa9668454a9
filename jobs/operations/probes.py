"""Liveness and readiness, for what restarts processes and sends them work."""

from nophoto.models.errors import NophotoError
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.liveness import Component


class IllError(NophotoError):
    """A part is not as it should be."""


_COMMANDS: dict[Component, str] = {
    "worker": "nophoto worker",
    "training": "nophoto worker --training",
    "beat": "nophoto beat",
    "notify": "nophoto notify",
    "console": "nophoto console",
    "api": "nophoto api",
}


def check_live(settings: Settings, part: Component = "worker") -> str:
    """Make sure that a process which is that `part` runs on this host, and its loop goes round.

    Nothing else is asked: one that waits for its broker or database is well, and starting it
    again would help nobody.

    Returns:
        What was found.

    Raises:
        IllError: if none runs, or one neither works nor says why.
    """
    from nophoto.worker.telemetry.liveness import liveness_files

    files = liveness_files(settings.home_folder, part)
    if not files:
        raise IllError(
            f"no {part} runs here with NOPHOTO_HOME={settings.home_folder}. Start one: "
            f"`{_COMMANDS[part]}`"
        )
    for file in files:
        if not file.is_live:
            raise IllError(
                f"the {part} {file.pid} has not moved for {file.age:.0f} seconds. End it, and "
                "start another"
            )
    return f"{part}: {len(files)} live"


def check_ready(settings: Settings, part: Component | None = None) -> str:
    """Make sure that work can be done now.

    Args:
        settings: of the process that is asked about.
        part: whose liveness, and what it cannot do without, are looked at; all but liveness
            without. All of them need the database and its tables, what sends or takes tasks
            the broker, and a worker the model version and the roots.

    Returns:
        What was found.

    Raises:
        NophotoError: naming what is not well, and the remedy.
    """
    from nophoto.migrations import check
    from nophoto.models.records.database import Database
    from nophoto.models.records.versions import model_versions
    from nophoto.worker.broker.app import create_app
    from nophoto.worker.broker.publisher import check_broker
    from nophoto.worker.matching.active_judge import active_version
    from nophoto.worker.storage.storage import storage_of

    found = [] if part is None else [check_live(settings, part)]
    check(settings.effective_database_url)
    found.append("database answers")
    if part not in ("console", "notify"):
        check_broker(create_app(settings))
        found.append("broker answers")
    if part in (None, "worker"):
        database = Database(settings.effective_database_url)
        with database.reading() as session:
            active = active_version(model_versions.active(session), database)
        storage_of(settings)
        found.append(f"{active.id} judges")
    return ", ".join(found)
