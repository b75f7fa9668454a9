"""Answers to requests that carry an `Idempotency-Key`: the same request again gets the same one."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import IdempotentAnswer

KEPT = timedelta(hours=24)
"""How long an answer is kept for the same request again."""

_ABANDONED = timedelta(seconds=90)
"""After which a request without an answer counts as lost with its process."""

_FEW = 20
"""Keys of uploads that are sought one by one; of more, every answer is looked at."""

_ERASED = "an erased upload"

MAX_KEY = 255
"""Characters of an `Idempotency-Key`, at most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    media_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """What is known of a key when a request comes with it.

    Attributes:
        is_new: whether the request is to be worked on; it is known otherwise.
        is_same: whether the request that is known is this one.
        answer: of the request that is known; None while it is being worked on.
    """

    is_new: bool
    is_same: bool = True
    answer: Answer | None = None


def reserve(session: Session, caller: str, key: str, request: str) -> Reservation:
    """Begin a request, or find the answer of the one before; `request` is its digest."""
    now = clock.now(session)
    session.execute(
        delete(IdempotentAnswer)
        .where(
            or_(
                IdempotentAnswer.created_at < now - KEPT,
                (IdempotentAnswer.caller == caller)
                & (IdempotentAnswer.key == key)
                & IdempotentAnswer.status.is_(None)
                & (IdempotentAnswer.created_at < now - _ABANDONED),
            )
        )
        .execution_options(synchronize_session=False)
    )
    statement = (
        insert(session, IdempotentAnswer)
        .values(caller=caller, key=key, request=request, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotentAnswer.key)
    )
    if session.scalar(statement) is not None:
        return Reservation(is_new=True)
    row = session.get(IdempotentAnswer, (caller, key))
    if row is None:  # it was given back between the two statements
        return Reservation(is_new=False)
    answer = None
    if row.status is not None and row.body is not None:
        answer = Answer(row.status, row.media_type or "", row.body)
    return Reservation(is_new=False, is_same=row.request == request, answer=answer)


def keep(session: Session, caller: str, key: str, answer: Answer) -> None:
    """Keep the answer of a request that was begun."""
    session.execute(
        update(IdempotentAnswer)
        .where(IdempotentAnswer.caller == caller, IdempotentAnswer.key == key)
        .values(status=answer.status, media_type=answer.media_type, body=answer.body)
        .execution_options(synchronize_session=False)
    )


def give_back(session: Session, caller: str, key: str) -> None:
    """Forget a request that was begun and had no answer worth keeping."""
    session.execute(
        delete(IdempotentAnswer)
        .where(
            IdempotentAnswer.caller == caller,
            IdempotentAnswer.key == key,
            IdempotentAnswer.status.is_(None),
        )
        .execution_options(synchronize_session=False)
    )


def erase_keys(session: Session, keys: Collection[str]) -> None:
    """Take keys of erased uploads out of the answers that are kept.

    The answers stay: sent again, their requests would bring the uploads back.
    """
    erased = {*keys}
    query = select(IdempotentAnswer).where(IdempotentAnswer.body.is_not(None))
    if len(erased) <= _FEW:
        quoted = (json.dumps(key, ensure_ascii=False)[1:-1] for key in erased)
        holds = (IdempotentAnswer.body.contains(text, autoescape=True) for text in quoted)
        query = query.where(or_(*holds))
    for row in session.scalars(query):
        body = json.loads(row.body or "null")
        row.body = json.dumps(_without(body, erased), ensure_ascii=False)
    session.flush()


def _without(value: Any, erased: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, erased) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, erased) for inner in value]
    return _ERASED if isinstance(value, str) and value in erased else value
