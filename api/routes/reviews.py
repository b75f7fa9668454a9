"""Reviews: what waits for a moderator, and deciding it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import Field, StrictBool

from nophoto.api.guard import GuardedRoute, caller_of, context_of, needs
from nophoto.api.problems import Problem
from nophoto.api.shapes import Key, Name, Note, RowId, Shape, View, WithReason
from nophoto.models.records.review import review_history, review_queue, reviews
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.tables import Scope
from nophoto.models.vocabulary import Kind, Verdict

router = APIRouter(prefix="/v1/reviews", tags=["reviews"], route_class=GuardedRoute)


class WaitingView(WithReason):
    """Uploads of the same bytes that wait for a decision."""

    digest: str
    count: int = Field(description="How many uploads wait.")
    key: str = Field(description="Of the newest, as is what follows.")
    uri: str
    verdict: Verdict = Field(description="The network's.")
    needs_review: bool
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest_reference_id: int | None
    judged_at: datetime


class QueueView(View):
    """What waits for moderators."""

    waiting: int = Field(description="Uploads that somebody should look at, all of them.")
    flagged: int = Field(description="Those among them that the network calls placeholders.")
    items: list[WaitingView]


class QueueQuery(Shape):
    """Which of what waits."""

    verdict: Verdict | None = Field(None, description="The network's.")
    reference_id: int | None = Field(None, ge=1, lt=2**63, description="The nearest one.")
    key_prefix: Name | None = None
    order: Order = Order.NEWEST
    limit: int = Field(50, ge=1, le=500)


class Decide(Shape):
    """A moderator's word on uploads."""

    keys: list[Key] = Field(min_length=1, max_length=1_000)
    verdict: Verdict
    note: Note = Field("", description="Why, for people.")
    replace: StrictBool = Field(False, description="Whether to decide what is decided already.")


class DecidedView(View):
    """A decision on one upload."""

    review_id: int
    upload_id: int
    verdict: Verdict
    reviewer: str
    at: datetime


class DecisionView(View):
    """What became of a word."""

    made: list[DecidedView]
    already: list[DecidedView] = Field(description="What was decided before, which stands.")


class UndoneView(View):
    """What was taken back."""

    undone: int = Field(description="Reviews; 0 where it was undone already.")


@router.get("", summary="List what waits", **needs(Scope.REVIEWS_READ))
def list_waiting(request: Request, query: Annotated[QueueQuery, Query()]) -> QueueView:
    """What waits for a moderator; the same bytes are one item."""
    filters = QueueFilter(query.verdict, query.reference_id, query.key_prefix)
    with context_of(request).database.reading() as session:
        counts = review_history.counts(session)
        items = review_queue.page(session, filters, query.order, limit=query.limit)
    return QueueView(
        waiting=counts.waiting,
        flagged=counts.flagged,
        items=[WaitingView.model_validate(item) for item in items],
    )


@router.post("", status_code=201, summary="Decide", **needs(Scope.REVIEWS_WRITE, 400, 404, 413))
def decide(request: Request, word: Annotated[Decide, Body()]) -> DecisionView:
    """Say of uploads what they are, whatever the network says; the key's name is the reviewer."""
    from nophoto.jobs.curation.reviews import decide_keys

    done = decide_keys(
        context_of(request).database,
        list(dict.fromkeys(word.keys)),
        word.verdict,
        caller_of(request).by,
        note=word.note,
        replace=word.replace,
    )
    return DecisionView(
        made=[DecidedView.model_validate(each) for each in done.made],
        already=[DecidedView.model_validate(each) for each in done.already],
    )


@router.post("/{review_id}/undo", summary="Take back", **needs(Scope.REVIEWS_WRITE, 404))
def take_back(request: Request, review_id: RowId) -> UndoneView:
    """Take a review back; the one before it counts again, or else the network's verdict."""
    from nophoto.jobs.curation.reviews import undo

    database = context_of(request).database
    with database.reading() as session:
        if not reviews.exists(session, review_id):
            raise Problem(404, "not-found", "Not found", "no review has this id")
    return UndoneView(undone=len(undo(database, [review_id], caller_of(request).by)))
