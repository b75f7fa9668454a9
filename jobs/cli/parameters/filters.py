"""The filters of `results` and `report`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from nophoto.models.records.outcomes.results import ResultFilter

State = Annotated[
    Literal["queued", "claimed", "judged", "failed"] | None,
    typer.Option(help="Only uploads in this state."),
]
Word = Annotated[
    Literal["placeholder", "real"] | None, typer.Option("--verdict", help="Only this verdict.")
]
Review = Annotated[
    bool | None,
    typer.Option(
        "--review/--no-review",
        help="Only those close to the threshold, or only the others.",
        show_default=False,
    ),
]
_FailureWord = Literal[
    "missing", "unreadable", "unsupported", "too-large", "forbidden", "timeout", "crashed"
]
Failure = Annotated[_FailureWord | None, typer.Option(help="Only this failure.")]
Code = Annotated[_FailureWord | None, typer.Option("--code", help="Only this failure.")]
KeyPrefix = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only keys that begin with this.")
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Only what stands since then, a moderator's word too: 30m, 24h, 7d, or "
        "2026-01-31T08:30+01:00.",
    ),
]

InCollection = Annotated[
    str | None, typer.Option("--collection", metavar="NAME", help="Only uploads of this one.")
]


def to_filter(
    state: str | None,
    verdict: str | None,
    review: bool | None,
    failure: str | None,
    key_prefix: str | None,
    since: str | None,
    model_version: str | None = None,
    collection: str | None = None,
) -> "ResultFilter":
    """What the options mean.

    Raises:
        TimeError: if `since` is no point in time.
    """
    from nophoto.jobs.uploads.results import parse_since
    from nophoto.models.records.outcomes.results import ResultFilter
    from nophoto.models.records.tables import UploadState
    from nophoto.models.vocabulary import FailureCode, Verdict

    return ResultFilter(
        state=UploadState(state) if state else None,
        verdict=Verdict(verdict) if verdict else None,
        needs_review=review,
        failure=FailureCode(failure) if failure else None,
        key_prefix=key_prefix,
        since=parse_since(since) if since else None,
        model_version=model_version,
        collection=collection,
    )
