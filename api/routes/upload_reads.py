"""Asking what became of uploads."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from nophoto.api.cursors import read_page
from nophoto.api.guard import GuardedRoute, context_of, needs
from nophoto.api.routes.upload_views import (
    FAILURES_SHOWN,
    HistoryView,
    UploadPage,
    UploadView,
    failures_told_as,
    history_view,
    upload_view,
)
from nophoto.api.shapes import Flag, Key, KeyInPath, Name, Shape, Time, key_of
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.history import UnknownKeyError, history
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.tables import Scope, UploadState
from nophoto.models.vocabulary import Verdict

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=GuardedRoute)


class UploadQuery(Shape):
    """Which uploads to list."""

    state: UploadState | None = None
    verdict: Verdict | None = Field(None, description="What stands; a moderator's word wins.")
    needs_review: Flag | None = Field(
        None, description="Whether the score is close to 0 and no moderator has decided."
    )
    failure: Literal[*FAILURES_SHOWN] | None = None  # type: ignore[valid-type]
    key: list[Key] | None = Field(None, max_length=100, description="Only these; repeatable.")
    key_prefix: Name | None = None
    since: Time | None = Field(None, description="Only what stands since then.")
    model_version: Name | None = None
    collection: Name | None = None
    limit: int = Field(100, ge=1, le=1_000, description="Uploads on a page, at most.")
    cursor: str | None = Field(
        None, max_length=256, description="`next` of the page before, with the same filters."
    )

    def filters(self) -> ResultFilter:
        """As the records take them."""
        return ResultFilter(
            state=self.state,
            verdict=self.verdict,
            needs_review=self.needs_review,
            failures=failures_told_as(self.failure) if self.failure else None,
            key_prefix=self.key_prefix,
            since=self.since,
            model_version=self.model_version,
            collection=self.collection,
            keys=self.key,
        )


@router.get("", summary="List uploads", **needs(Scope.UPLOADS_READ, 404))
def list_uploads(request: Request, query: Annotated[UploadQuery, Query()]) -> UploadPage:
    """The uploads that meet every filter, page by page, the last enqueued first.

    New uploads do not move what follows a cursor.
    """
    context_of(request).check_collection(query.collection)
    with context_of(request).database.reading() as session:
        page, following = read_page(query, partial(results.find, session, query.filters()))
    return UploadPage(items=[upload_view(row) for row in page], next=following)


@router.get("/{key:path}/history", summary="Read the history", **needs(Scope.UPLOADS_READ, 404))
def read_history(request: Request, key: KeyInPath) -> HistoryView:
    """All that was ever said of an upload, the first first."""
    with context_of(request).database.reading() as session:
        return history_view(history(session, key_of(key)))


@router.get("/{key:path}", summary="Read an upload", **needs(Scope.UPLOADS_READ, 404))
def read_upload(request: Request, key: KeyInPath) -> UploadView:
    """Where an upload stands, and what its verdict or failure rests on."""
    name = key_of(key)
    with context_of(request).database.reading() as session:
        row = next(results.find(session, ResultFilter(keys=[name]), 1), None)
    if row is None:
        raise UnknownKeyError(name)
    return upload_view(row)
