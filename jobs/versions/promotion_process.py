"""Promoting and rolling back in a process of its own.

Either opens a second network and may embed the whole reference set with it, and the gate may run
TensorFlow: that memory ends with the process. It reads what is wanted from stdin, as JSON.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from nophoto.jobs.configuration import load_settings
from nophoto.jobs.database import open_database
from nophoto.jobs.versions.promotion import PromotionError, promote, roll_back
from nophoto.models.errors import NophotoError
from nophoto.models.records.versions.promotions import Decision
from nophoto.models.subprocesses import python_module
from nophoto.worker.decoding.pool import decoders_of

_LONGEST = 900.0
"""Seconds; the gate embeds a few pictures with two networks."""


@dataclass(frozen=True, slots=True)
class PromotionRequest:
    """A change of the version that judges.

    Attributes:
        version_id: of the one to promote; None to go back to the one before.
        by, reason: who and why.
        forced: whether a shut gate is overruled; a rollback passes none.
    """

    version_id: str | None
    by: str
    reason: str
    forced: bool = False


def promote_in_subprocess(request: PromotionRequest) -> dict[str, Any]:
    """Promote or roll back in another process under the same settings.

    Returns:
        What judges then, and what the gate found, as `nophoto model promote --json` prints it.

    Raises:
        PromotionError: if nothing changed, with the reason: the gate's answer, for one.
    """
    done = subprocess.run(  # noqa: S603 -- our own
        python_module("nophoto.jobs.versions.promotion_process"),
        input=json.dumps(asdict(request)),
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        failed = (
            f"{request.version_id} was not promoted" if request.version_id else "not rolled back"
        )
        raise PromotionError(f"{failed}: {last}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    if "error" in answer:
        raise PromotionError(answer["error"])
    return answer


def main() -> None:
    """Do what stdin asks for, and answer on stdout."""
    request = PromotionRequest(**json.load(sys.stdin))
    settings = load_settings()
    decoders = decoders_of(settings)
    try:
        with open_database(settings) as database:
            if request.version_id is None:
                done = roll_back(database, settings, decoders, request.by, request.reason)
            else:
                decision = Decision(by=request.by, reason=request.reason, forced=request.forced)
                done = promote(database, settings, decoders, request.version_id, decision)
    except NophotoError as error:
        print(json.dumps({"error": str(error)}))
    else:
        print(json.dumps(done.as_dict()))


if __name__ == "__main__":
    main()
