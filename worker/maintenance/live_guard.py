"""Quarantining references that suddenly claim far more than they did, within a minute."""

import logging

from celery import Celery

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.matching.live_guard import Sudden, queue_matches, sudden_references
from nophoto.models.records.tables import Lane
from nophoto.worker.broker.publisher import publish_chunks
from nophoto.worker.settings import Settings

GUARD = "nophoto (live guard)"
"""Who the history of the reference set names."""

_log = logging.getLogger(__name__)


def guard_references(database: Database, app: Celery, settings: Settings) -> list[Sudden]:
    """Quarantine the references that suddenly claim far more uploads than they did.

    What they have claimed since is judged again, and then held for review. A person who restores
    such a reference is believed: it is not quarantined again.

    Raises:
        BrokerUnreachableError: if the broker does not answer; a later sweep sends what is queued.
    """
    with database.transaction() as session:
        found = sudden_references(
            session,
            factor=settings.quarantine_factor,
            minimum=settings.quarantine_minimum,
            least_share=settings.reference_max_share,
        )
        references.quarantine(session, [each.reference_id for each in found], by=GUARD)
        held = queue_matches(session, by=GUARD)
    for each in found:
        _log.error(
            "reference %d is in quarantine: it claimed %d uploads within a minute, and %.0f were "
            "to be expected. What it claims is held for review. Let it flag again with `nophoto "
            "references restore %d`, or retire it with `nophoto references retire %d`",
            each.reference_id,
            each.matched,
            each.expected,
            each.reference_id,
            each.reference_id,
        )
    publish_chunks(app, held, lane=Lane.BULK, chunk_size=settings.chunk_size)
    return found
