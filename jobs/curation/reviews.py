"""The moderator's decisions: made on uploads, keys, groups and pictures, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.database import Database
from nophoto.models.records.review import review_history, review_leases, reviews, spot_checks
from nophoto.models.records.review.group_reviews import (
    Others,
    PictureGroup,
    Why,
    decide_batch,
    decide_pictures_batch,
    decided_by_others,
    undo_batch,
)
from nophoto.models.records.review.reviews import Decided, Decision
from nophoto.models.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class GroupDecision:
    """What became of one decision on a group.

    Attributes:
        made: how many uploads it decided.
        others: what was decided meanwhile, which stands.
    """

    made: int
    others: list[Others]


def decide(
    database: Database,
    upload_ids: Sequence[int],
    verdict: Verdict,
    reviewer: str,
    *,
    note: str = "",
    replace: bool = False,
) -> Decision:
    """Say of uploads what they are; see `reviews.decide`."""
    with database.transaction() as session:
        return reviews.decide(session, upload_ids, verdict, reviewer, note=note, replace=replace)


def undo(database: Database, review_ids: Sequence[int], by: str) -> list[int]:
    """Take reviews back; see `reviews.undo`."""
    with database.transaction() as session:
        return reviews.undo(session, review_ids, by)


def decide_keys(
    database: Database,
    keys: Sequence[str],
    verdict: Verdict,
    reviewer: str,
    *,
    note: str = "",
    code: str | None = None,
    replace: bool = False,
) -> Decision:
    """Say of the uploads with these keys what they are; see `reviews.decide`.

    Raises:
        UnknownUploadError: naming the keys that no upload has; nothing is decided then.
    """
    with database.transaction() as session:
        ids = reviews.ids_of(session, keys)
        return reviews.decide(
            session, ids, verdict, reviewer, note=note, code=code, replace=replace
        )


def decide_group(
    database: Database,
    group: PictureGroup,
    verdict: Verdict,
    reviewer: str,
    *,
    code: str | None = None,
) -> GroupDecision:
    """Say of every upload of `group` that still waits what it is.

    Batches that were written stand if a later one fails; deciding again goes on from there. The
    time that it took is kept, unless the moderator's lease has lapsed meanwhile.
    """
    with database.reading() as session:
        at = clock.now(session)
        seconds = review_leases.seconds_held(session, group.digests[0], reviewer)
    why = Why(code, seconds)
    made = 0
    while True:
        with database.transaction() as session:
            decided = decide_batch(session, group, verdict, reviewer, at, why)
        if not decided:
            break
        made += decided
    with database.reading() as session:
        return GroupDecision(made, decided_by_others(session, group, reviewer, at))


def decide_pictures(
    database: Database,
    digests: Sequence[str],
    verdict: Verdict,
    reviewer: str,
    *,
    collection: str | None = None,
) -> int:
    """Say of every undecided upload of these bytes what it is, and return how many there were.

    All of them are one decision, which is undone as one.

    Args:
        database: migrated.
        digests: of the bytes.
        verdict: what they are.
        reviewer: who says so.
        collection: whose uploads alone are decided; None: those of all.
    """
    with database.reading() as session:
        at = clock.now(session)
    made = 0
    for some in chunks(digests):
        while True:
            with database.transaction() as session:
                decided = decide_pictures_batch(session, some, verdict, reviewer, at, collection)
            if not decided:
                break
            made += decided
    return made


def undo_together(
    database: Database, review_id: int, by: str, *, collection: str | None = None
) -> int:
    """Take back a review and all that was decided together with it, by whomever.

    Args:
        database: migrated.
        review_id: of one of them.
        by: who takes it back.
        collection: where one of them is of another collection, nothing is taken back.

    Returns:
        How many decisions were taken back; 0 where it was undone already.
    """
    with database.reading() as session:
        review = reviews.find(session, review_id)
        if review and collection and reviews.is_beyond(session, review, collection):
            return 0
    return 0 if review is None else _undo_all(database, review, by)


def undo_last(database: Database, reviewer: str) -> int:
    """Take back what `reviewer` decided last, all that was decided together.

    An answer on a spot check that decided nothing is taken back likewise.

    Returns:
        How many decisions were taken back; 0 where there is none.
    """
    with database.reading() as session:
        newest = review_history.history(session, limit=1, reviewer=reviewer)
        answer = spot_checks.last_answer(session, reviewer)
    if answer and answer[2] is None and (not newest or answer[1] >= newest[0].at):
        with database.transaction() as session:
            spot_checks.forget_answer(session, answer[0], reviewer)
        return 0
    return _undo_all(database, newest[0], reviewer) if newest else 0


def _undo_all(database: Database, review: Decided, by: str) -> int:
    undone = 0
    while True:
        with database.transaction() as session:
            some = undo_batch(session, review.reviewer, review.at, by)
        if not some:
            return undone
        undone += some
