"""Places in a worker's child, and in the API, where a fault can be laid, and what it does there.

A trip is a file in a folder, `STAGE.ACTION`. The first process that comes to the stage takes it,
by renaming it, and does what it says; every other process goes on. Nothing of the product is
replaced: each stage is a real step with a look at the folder before or after it.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from pathlib import Path
from typing import Any

from sqlalchemy import text

STAGES = ("after-claim", "before-read", "after-decode", "before-commit", "after-commit")

ENDS_WORKERS = b"ends every worker"
"""What a picture ends with that no process survives, wherever it decodes."""


_ABANDONED = timedelta(seconds=5)
"""Instead of 90 seconds, as the campaign's lease is shorter than the default too."""


def install(folder: Path) -> None:
    """Lay the wires through this process; a child calls it before its first chunk."""
    from nophoto.models.records import clock, runs
    from nophoto.worker.decoding import child
    from nophoto.worker.inference.network import Network
    from nophoto.worker.rescoring.runner import Rescoring
    from nophoto.worker.scoring import pipeline
    from nophoto.worker.storage.storage import Storage
    from nophoto.worker.tasks import uploads

    before, after = partial(_before, folder), partial(_after, folder)

    def read(*args: Any) -> bytes:
        data = original_read(*args)
        if data.endswith(ENDS_WORKERS):
            os.kill(os.getpid(), signal.SIGKILL)
        return data

    def now(session: Any) -> Any:
        file = folder / "clock"
        offset = float(file.read_text()) if file.exists() else 0.0
        return original_now(session) + timedelta(seconds=offset)

    original_read, original_now = Storage.read, clock.now
    clock.now = now
    child.COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("decoder.py")))
    uploads.ingest_uploads = before("before-intake", uploads.ingest_uploads)
    pipeline.picture_embedder = before("after-claim", pipeline.picture_embedder)
    Storage.read = before("before-read", read)  # type: ignore[method-assign]
    Network.start = before("after-decode", Network.start)  # type: ignore[method-assign]
    pipeline.record_outcomes = after("before-commit", pipeline.record_outcomes)
    pipeline.write = after("after-commit", pipeline.write)
    Rescoring.step = before("before-step", Rescoring.step)  # type: ignore[method-assign]
    # In the transaction that keeps a chunk of a run.
    runs.report_and_renew = after("in-step", runs.report_and_renew)


def install_in_api(folder: Path) -> None:
    """Lay the wires through a server of the HTTP API, before it serves."""
    from nophoto.api.routes import upload_changes, uploads
    from nophoto.models.records.access import idempotency
    from nophoto.models.records.lifecycle import erasing

    # A client has to wait so long before the request of a killed server is worked on again.
    idempotency._ABANDONED = _ABANDONED
    # What is accepted is in the database by then, and nobody was answered.
    uploads.enqueue = _after(folder, "after-acceptance", uploads.enqueue)
    erasing.forget = _before(folder, "in-erasure", erasing.forget)
    upload_changes.erase = _after(folder, "after-erasure", upload_changes.erase)


def _before(folder: Path, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def stepped(*args: Any, **kwargs: Any) -> Any:
        _look(folder, stage, args)
        return function(*args, **kwargs)

    return stepped


def _after(folder: Path, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def stepped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        _look(folder, stage, args)
        return result

    return stepped


def _look(folder: Path, stage: str, args: tuple[Any, ...]) -> None:
    for trip in folder.glob(f"{stage}.*"):
        taken = trip.with_name(f"taken.{trip.name}.{os.getpid()}")
        try:
            trip.rename(taken)
        except FileNotFoundError:
            continue
        _act(trip.name.partition(".")[2], args)


def _act(action: str, args: tuple[Any, ...]) -> None:
    if action == "kill-child":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "kill-parent":
        os.kill(os.getppid(), signal.SIGKILL)
    elif action == "kill-both":
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action.startswith("sqlstate-"):
        # The server itself raises it, in the transaction that is about to commit.
        code = action.removeprefix("sqlstate-")
        args[0].execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))
    else:
        sys.exit(f"no such action: {action}")
