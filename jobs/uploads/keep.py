"""Keeping what was judged at once, as if it had been sent and a worker had judged it."""

from collections.abc import Callable

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import ItemOutcome, NewUpload, add_uploads
from nophoto.models.records.review import spot_check_draws
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
from nophoto.models.records.tables import Lane
from nophoto.worker.inference.results import Vector
from nophoto.worker.matching.judge import Judge
from nophoto.worker.scoring.shares import shares_of
from nophoto.worker.settings import Settings


def keep(
    database: Database,
    settings: Settings,
    item: NewUpload,
    judge: Judge,
    vector: Vector | None,
    outcome: Callable[[int, str], Judged | Failed],
) -> ItemOutcome:
    """Take an upload in and write what came of it, all in one transaction.

    A known key with the same picture is left as it is: it has a verdict, or a worker makes one.

    Args:
        database: migrated.
        settings: the lease, and how many verdicts are drawn for spot checks.
        item: the upload.
        judge: what judged it.
        vector: its embedding; None where it could not be judged.
        outcome: what is said of the upload with this id in this collection. A known key that names
            no collection keeps the one that it has.
    """
    with database.transaction() as session:
        added = add_uploads(session, [item], Lane.INTERACTIVE, published=True)
        if added.ids:
            held = claims.claim(session, added.ids, settings.lease_seconds, is_durable=True)
            (upload,) = held.uploads
            said = outcome(upload.id, upload.collection)
            verdicts = [said] if isinstance(said, Judged) else []
            record_outcomes(
                session,
                held.token,
                verdicts,
                [said] if isinstance(said, Failed) else [],
                judge.network.version.id,
                judge.references.version,
                {} if vector is None else {str(said.digest): vector},
            )
            spot_check_draws.draw(session, verdicts, judge.network.version.id, shares_of(settings))
    return added.outcomes[0]
