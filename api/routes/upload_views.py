"""What is told of uploads."""

from datetime import datetime
from typing import Any

from pydantic import Field

from nophoto.api.shapes import View, WithReason
from nophoto.models.records.outcomes.history import History
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import UploadState
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

NOT_READABLE = (
    "there is no such file, or it may not be read; check the URI, and that it lies below "
    "NOPHOTO_ROOTS"
)
"""Said of a missing file and of one outside the roots alike: nothing is told of what exists."""

FAILURES_SHOWN = tuple(code.value for code in FailureCode if code != FailureCode.FORBIDDEN)
"""Codes that are told; `forbidden` is told as `missing`."""


class UploadView(WithReason):
    """Where an upload stands."""

    key: str
    uri: str
    collection: str
    state: UploadState
    verdict: Verdict | None = Field(description="What stands; a moderator's word wins.")
    needs_review: bool
    reviewed: Verdict | None = Field(description="The moderator's word.")
    score: float | None = Field(
        description="Similarity minus reach of the nearest reference; not negative where that "
        "claims the upload."
    )
    similarity: float | None
    kind: Kind | None = Field(description="Of the nearest reference.")
    nearest_reference_id: int | None
    nearest_reference: str | None
    model_version_id: str | None
    reference_set_version: int | None
    failure: FailureCode | None = Field(
        description="Why it could not be judged; `missing` also where it may not be read."
    )
    failure_message: str | None
    version: int | None
    metadata: dict[str, Any] | None
    judged_at: datetime | None
    since: datetime | None = Field(description="Since when what stands was said.")


class UploadPage(View):
    """A page of a list."""

    items: list[UploadView]
    next: str | None = Field(description="The cursor of the page that follows; null on the last.")


class EntryView(WithReason):
    """One thing that was said of an upload."""

    at: datetime
    by: str = Field(description="The model version, or the moderator.")
    verdict: Verdict
    needs_review: bool
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest_reference_id: int | None
    nearest_reference: str | None
    model_version_id: str | None
    reference_set_version: int | None
    run_id: int | None
    note: str
    undone_at: datetime | None


class HistoryView(View):
    """An upload, and all that was said of it."""

    key: str
    uri: str
    state: UploadState
    verdict: Verdict | None
    failure: FailureCode | None
    failure_message: str | None
    created_at: datetime
    entries: list[EntryView]


def failures_told_as(code: str) -> list[FailureCode]:
    """The failures that are told by this code."""
    if code == FailureCode.MISSING:
        return [FailureCode.MISSING, FailureCode.FORBIDDEN]
    return [FailureCode(code)]


def upload_view(row: ResultRow) -> UploadView:
    """What is told of a row."""
    view = UploadView.model_validate(row)
    view.failure, view.failure_message = _told(view.failure, view.failure_message)
    return view


def history_view(found: History) -> HistoryView:
    """What is told of a history."""
    view = HistoryView.model_validate(found)
    view.failure, view.failure_message = _told(view.failure, view.failure_message)
    return view


def _told(
    failure: FailureCode | None, message: str | None
) -> tuple[FailureCode | None, str | None]:
    if failure in (FailureCode.FORBIDDEN, FailureCode.MISSING):
        return FailureCode.MISSING, NOT_READABLE
    return failure, message
