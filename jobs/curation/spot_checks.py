"""Items that moderators judge without seeing what the network says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from nophoto.models.records.database import Database
from nophoto.models.records.review import review_leases, reviews, spot_checks
from nophoto.models.records.review.group_reviews import PictureGroup, decide_batch
from nophoto.models.records.review.review_queue import QueueFilter
from nophoto.models.records.review.reviews import Decided
from nophoto.models.records.review.spot_checks import OpenSpotCheck
from nophoto.models.vocabulary import Verdict

_EVERY = 4
"""Of so many items that a moderator sees, one is a spot check, as long as others wait."""

_GOLDEN_EVERY = 5
"""Of so many spot checks, one is a golden item."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer.

    Attributes:
        decided: uploads that it decided; none where it was a second answer or a golden item.
        was_taken: whether it came too late: others had answered as often as it takes.
    """

    decided: int
    was_taken: bool = False


def is_spot_check_due(turn: int) -> bool:
    """Whether the item that a moderator sees after `turn` others is to be a spot check."""
    return turn % _EVERY == _EVERY - 1


def next_spot_check(
    session: Session, reviewer: str, turn: int, without: Collection[str] = ()
) -> OpenSpotCheck | None:
    """The next spot check of a moderator, now and then a golden item.

    Args:
        session: any.
        reviewer: who is to judge it.
        turn: items that they have seen.
        without: digests to leave out.
    """
    golden_first = turn // _EVERY % _GOLDEN_EVERY == _GOLDEN_EVERY - 1
    for golden in (golden_first, not golden_first):
        found = spot_checks.next_open(session, reviewer, golden=golden, without=without)
        if found is not None:
            return found
    return None


def answer_spot_check(
    database: Database,
    spot_check_id: int,
    reviewer: str,
    verdict: Verdict,
) -> Answered:
    """Keep what a moderator says of an upload under a spot check.

    The first answer on a sampled upload is a decision on it and on the same bytes that wait; a
    second answer and one on a golden item only measure.
    """
    with database.transaction() as session:
        spot_check = spot_checks.take(session, spot_check_id, reviewer)
        if spot_check is None:
            return Answered(0, was_taken=True)
        digest, review_id = spot_check.digest, None
        seconds = review_leases.seconds_held(session, digest, reviewer)
        made: list[Decided] = []
        if spot_check.truth is None and not spot_check.answered:
            others = spot_checks.unanswered_with(session, digest)
            ids = [spot_check.upload_id, *others]
            made = reviews.decide(session, ids, verdict, reviewer, seconds=seconds).made
            own = [each.review_id for each in made if each.upload_id == spot_check.upload_id]
            review_id = next(iter(own), None)
        spot_checks.add_answer(
            session, spot_check, reviewer, verdict, seconds=seconds, review_id=review_id
        )
    decided = len(made)
    if made:
        # With the same time, so that all are taken back together.
        alike = PictureGroup((digest,), QueueFilter(), made[0].at)
        while some := _decide_more(database, alike, verdict, reviewer, made[0].at):
            decided += some
    return Answered(decided)


def _decide_more(
    database: Database, group: PictureGroup, verdict: Verdict, reviewer: str, at: datetime
) -> int:
    with database.transaction() as session:
        return decide_batch(session, group, verdict, reviewer, at)
