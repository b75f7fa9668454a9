"""Changing a collection's settings: first what they would turn over, then doing it."""

from dataclasses import dataclass, field

import numpy as np

from nophoto.models.records.collections import CollectionRow, changes_verdicts
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.recent import recent_uploads
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.matching.active_judge import ActiveJudge, load_judge
from nophoto.worker.matching.verdicts import classify
from nophoto.worker.settings import Settings

LOOKED_AT = 20_000
"""Uploads of the collection that a change is tried on, the last ones."""

EXAMPLES = 12
"""Keys that are named of those that would turn."""


@dataclass(slots=True)
class SettingsPreview:
    """What other settings would say of a collection's last uploads; the same bytes count once.

    Attributes:
        compared: pictures.
        to_placeholder, to_real: of those, how many would get the other verdict.
        to_review, from_review: how many would be marked for review, or be marked no longer.
        examples: keys of some that would turn.
    """

    compared: int = 0
    to_placeholder: int = 0
    to_real: int = 0
    to_review: int = 0
    from_review: int = 0
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"of the last {self.compared:,} pictures of the collection {self.to_placeholder:,} "
            f"would become placeholders and {self.to_real:,} real; {self.to_review:,} more would "
            f"be marked for review, and {self.from_review:,} no longer"
        )


def preview_settings(
    database: Database,
    settings: Settings,
    decoders: Decoders,
    before: CollectionRow,
    after: CollectionRow,
) -> SettingsPreview:
    """What other settings would say of a collection's last uploads; nothing is written.

    Args:
        database: migrated, with a model version that judges.
        settings: of the installation.
        decoders: decode references that are not embedded yet.
        before: the settings as they are.
        after: as they would be.

    Raises:
        NoActiveModelError: if no model version judges.
    """
    found = SettingsPreview()
    if not changes_verdicts(before, after):
        return found
    current = ActiveJudge(database, settings, decoders).current()
    tried = load_judge(database, current.network, settings, decoders, current, instead=after)
    judges = current.of(before.name), tried.of(after.name)
    version, dimension = current.network.version.id, current.network.dimension
    with database.reading() as session:
        for uploads in recent_uploads(session, version, dimension, LOOKED_AT, before.name):
            was, will = (classify(uploads.digests, uploads.vectors, judge) for judge in judges)
            found.compared += len(uploads.ids)
            gained = will.is_placeholder & ~was.is_placeholder
            lost = ~will.is_placeholder & was.is_placeholder
            found.to_placeholder += int(gained.sum())
            found.to_real += int(lost.sum())
            found.to_review += int((will.needs_review & ~was.needs_review).sum())
            found.from_review += int((~will.needs_review & was.needs_review).sum())
            room = EXAMPLES - len(found.examples)
            turned = np.flatnonzero(gained | lost)[:room]
            found.examples += [uploads.keys[row] for row in turned]
    return found
