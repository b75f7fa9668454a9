"""Promoting in a process of its own: the gate may run TensorFlow, whose memory ends with it.

`python -m console.promoting` reads what to promote from stdin, as JSON.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from jobs.cli.model_output import switched
from jobs.configuration import load_settings
from jobs.models import PromotionError, promote
from jobs.stores import open_database
from models.errors import NophotoError
from models.records.promotions import Decision

_LONGEST = 900.0
"""Seconds; the gate embeds a few pictures with two networks."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A promotion that somebody asks for."""

    version_id: str
    by: str
    reason: str
    forced: bool


def promote_aside(wish: Wish) -> dict[str, Any]:
    """Promote in another process under the same settings.

    Returns:
        What judges then, and what the gate found, as `nophoto model promote --json` prints it.

    Raises:
        NophotoError: if it is not promoted, with the gate's answer.
    """
    done = subprocess.run(
        [sys.executable, "-m", "console.promoting"],
        input=json.dumps(asdict(wish)),
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        raise PromotionError(f"{wish.version_id} was not promoted: {last}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    if "error" in answer:
        raise NophotoError(answer["error"])
    return answer


def main() -> None:
    """Promote what stdin names, and answer on stdout."""
    wish = Wish(**json.load(sys.stdin))
    decision = Decision(by=wish.by, reason=wish.reason, forced=wish.forced)
    settings = load_settings()
    try:
        with open_database(settings) as database:
            done = promote(database, settings, wish.version_id, decision)
    except NophotoError as error:
        print(json.dumps({"error": str(error)}))
    else:
        print(json.dumps(switched(done)))


if __name__ == "__main__":
    main()
