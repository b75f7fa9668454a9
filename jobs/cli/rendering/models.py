"""What `nophoto model` prints of versions."""

from typing import TYPE_CHECKING, Any

from nophoto.jobs.cli.rendering.output import printable, say, stdout

if TYPE_CHECKING:
    from nophoto.jobs.versions.promotion import Switched
    from nophoto.models.records.versions.model_versions import ModelVersionRow
    from nophoto.models.records.versions.promotions import PromotionRow
    from nophoto.models.vision.evaluation.paired import PairedComparison


def facts(row: "ModelVersionRow") -> dict[str, Any]:
    """What is known of a version, as plain values."""
    return {
        "id": row.id,
        "active": row.active,
        "digest": row.digest,
        "backbone": row.backbone,
        "dimension": row.dimension,
        "threshold": row.threshold,
        "review_low": row.review_low,
        "review_high": row.review_high,
        "metrics": dict(row.metrics),
        "location": row.location,
        "created_at": row.created_at.isoformat(),
        "promoted_at": row.promoted_at and row.promoted_at.isoformat(),
    }


def change_facts(change: "PromotionRow") -> dict[str, Any]:
    """A change of the version that judges, as plain values."""
    return {
        "at": change.at.isoformat(),
        "kind": change.kind.value,
        "model_version": change.model_version_id,
        "replaced": change.replaced_id,
        "by": change.by,
        "reason": change.reason,
        "forced": change.forced,
        "gate": change.gate,
    }


def say_switched(done: "Switched") -> None:
    """A change that was just made, as a sentence."""
    if done.replaced == done.model_version:
        print(f"{done.model_version} judges already")
        return
    print(f"{done.model_version} judges now, in place of {done.replaced}")
    say("running workers follow within 10 seconds; `nophoto model rollback` undoes it")


def print_comparison(before: str, after: str, source: str, found: "PairedComparison") -> None:
    """The figures of two versions side by side, as a table on stdout."""
    from rich.table import Table

    table = Table(
        "Figure",
        printable(before),
        printable(after),
        "Difference",
        "95 % interval",
        "Of",
        title=f"On {source}",
        title_justify="left",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for name, figure, count in (
        ("placeholders found", found.found, f"{found.placeholders:,}"),
        ("false alarms", found.false_alarms, f"{found.real_pictures:,}"),
        ("area under the ROC curve", found.auc, ""),
    ):
        low, high = figure.interval
        table.add_row(
            name,
            f"{figure.before:.2%}",
            f"{figure.after:.2%}",
            f"{figure.value:+.2%}",
            f"{low:+.2%} – {high:+.2%}",
            count,
        )
    stdout().print(table)
