"""Appeals: having what stands looked at by a second moderator, before all others."""

from collections.abc import Sequence
from dataclasses import dataclass

from nophoto.models.records.database import Database
from nophoto.models.records.review import appeals, review_leases, reviews
from nophoto.models.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class AppealDecision:
    """What became of a decision on an appeal; `was_taken` where another was quicker."""

    was_taken: bool
    decided: int = 0


def appeal(database: Database, keys: Sequence[str], by: str, *, note: str = "") -> int:
    """Open appeals against what stands of these uploads, and return how many are new.

    Args:
        database: migrated.
        keys: the platform's.
        by: who appeals, such as an uploader's name.
        note: why, in their words; moderators see it.

    Raises:
        UnknownUploadError: naming keys that no upload has; nothing is opened then.
        NothingToAppealError: if one has no verdict yet; nothing is opened then.
    """
    with database.transaction() as session:
        return appeals.open_appeals(session, reviews.ids_of(session, keys), by, note=note)


def decide_appeal(
    database: Database, appeal_id: int, verdict: Verdict, reviewer: str, *, code: str | None = None
) -> AppealDecision:
    """Close an appeal by saying what the upload is, whatever stood."""
    with database.transaction() as session:
        upload_id = appeals.close(session, appeal_id, reviewer, verdict)
        if upload_id is None:
            return AppealDecision(was_taken=True)
        digest = appeals.digest_of(session, upload_id)
        seconds = review_leases.seconds_held(session, digest, reviewer)
        done = reviews.decide(
            session,
            [upload_id],
            verdict,
            reviewer,
            note="appeal",
            code=code,
            seconds=seconds,
            replace=True,
        )
    return AppealDecision(was_taken=False, decided=len(done.made))
