"""What a new reference would do, for people and for programs."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from nophoto.jobs.cli.rendering.output import say, warn

if TYPE_CHECKING:
    from nophoto.jobs.curation.candidates import Candidate


def say_check(candidate: "Candidate") -> None:
    """Tell what a picture would claim, with examples."""
    check = candidate.check
    what = "what is of its kind" if check.scope == "kind" else "changed copies of itself alone"
    say(
        f"{candidate.name} ({check.kind}) claims {what}, from a similarity of "
        f"{check.claims.reach:.3f} on: {check.claims.real:,} of {check.compared:,} real pictures"
    )
    if check.claims.copies:
        say(f"  {check.claims.copies:,} uploads that stand as real are changed copies of it")
    for example in check.claims.examples:
        say(f"  {example.similarity:.3f} {example.key}")
    for objection in check.objections:
        warn(f"{candidate.name}: {objection}")


def check_as_dict(candidate: "Candidate") -> dict[str, object]:
    """The same as plain values."""
    check = candidate.check
    return {
        "name": candidate.name,
        "kind": check.kind.value,
        "scope": check.scope.value,
        **asdict(check.claims),
        "compared": check.compared,
        "objections": check.objections,
    }
