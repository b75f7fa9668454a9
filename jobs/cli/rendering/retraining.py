"""What `nophoto retrain` prints of what it came to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nophoto.jobs.cli.rendering.output import cell, say, stdout, warn

if TYPE_CHECKING:
    from nophoto.jobs.training.runner import Retrained
    from nophoto.models.vision.training.baseline.showing import TripletSimilarity
    from nophoto.models.vision.versions import ModelVersion


def print_retrained(done: "Retrained", version: "ModelVersion", location: str) -> None:
    """The card and the id on stdout, and on stderr what to know and to do."""
    result = done.result
    card = version.folder / "card.md"
    stdout().print(card.read_text(encoding="utf-8"), markup=False)
    if done.baseline:
        _print_similarities(
            [*done.baseline.samples, *([done.baseline.own] if done.baseline.own else [])]
        )
    if not result["is_target_shown"]:
        warn(
            f"too few held-out real pictures to show that at most {result['target']:.2%} are "
            "flagged; the threshold lies above all of them"
        )
    if result["unreadable"]:
        warn(f"{result['unreadable']:,} pictures could not be read and were left out")
    version_id = version.id
    print(version_id)
    if result.get("promoted"):
        say(f"{version_id} judges now; `nophoto model rollback` undoes it")
    elif "not_promoted_because" in result:
        warn(result["not_promoted_because"])
    else:
        say(f"it is in {location}; `nophoto model promote {version_id}` lets it judge")


def _print_similarities(similarities: "Sequence[TripletSimilarity]") -> None:
    from rich.table import Table

    table = Table("Anchor", "Cosine with its positive", "With a negative", "Negative")
    for triplet in similarities:
        values = (triplet.with_positive, triplet.with_negative)
        table.add_row(cell(triplet.anchor), *map(cell, values), cell(triplet.negative))
    stdout().print(table)
