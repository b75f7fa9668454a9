"""Refused uploads: counted, and told to their sender."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.lifecycle.admission import MAX_KEY
from nophoto.models.records.notifications import outbox
from nophoto.models.records.tables import RefusalCount
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import RefusalCode


@dataclass(frozen=True, slots=True)
class Refused:
    """An upload that was not taken in, and why."""

    key: str
    reason: str
    code: RefusalCode = RefusalCode.MALFORMED


def note(session: Session, refused: Sequence[Refused]) -> None:
    """Count refusals, and note that the platform is to be told of each."""
    now = clock.now(session)
    counted = Counter(each.code for each in refused)
    # In one order, so that two callers wait for each other and never in a ring.
    for code in sorted(counted):
        statement = insert(session, RefusalCount).values(
            code=code, count=counted[code], last_at=now
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[RefusalCount.code],
                set_={"count": RefusalCount.count + counted[code], "last_at": now},
            )
        )
    outbox.add_refusals(
        session,
        [
            {
                "key": storable(each.key)[:MAX_KEY],
                "code": each.code,
                "reason": storable(each.reason),
            }
            for each in refused
        ],
    )


def counts(session: Session) -> dict[RefusalCode, int]:
    """How many uploads were refused so far, by reason; one that never occurred shows 0."""
    found = dict(session.execute(select(RefusalCount.code, RefusalCount.count)).all())
    return {code: found.get(code, 0) for code in RefusalCode}
