"""The real pictures that reaches rest on, and the operator's rules."""

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nophoto.models.records.database import Database
from nophoto.models.records.matching import cohort
from nophoto.models.vision.matching import Rules
from nophoto.models.vision.versions import ModelVersion, read_cohort
from nophoto.models.vocabulary import KindMode
from nophoto.worker.settings import Settings

_log = logging.getLogger(__name__)


def load_cohorts(
    version: ModelVersion, database: Database | None = None
) -> Sequence[NDArray[np.float32]]:
    """The cohort that came with `version`, and the platform's own where a database has one.

    Raises:
        ModelVersionError: if the version's is damaged.
    """
    cohorts = [read_cohort(version)]
    if database is not None:
        with database.reading() as session:
            cohorts.append(cohort.vectors(session, version.id, version.manifest.dimension))
    return [some for some in cohorts if len(some)]


def rules_of(settings: Settings) -> Rules:
    """The rate and the kinds of `settings`."""
    return Rules(settings.false_positive_rate, settings.kind_modes)


def warn_of_rules(version: ModelVersion, cohorts: Sequence[object], rules: Rules) -> None:
    """Name in the log what makes verdicts mean little."""
    if not cohorts:
        _log.warning(
            "the model version %s has no cohort of real pictures: every reference claims from the "
            "similarity %.3f on, and NOPHOTO_FALSE_POSITIVE_RATE has no effect. Promote a newer "
            "version",
            version.id,
            version.manifest.threshold,
        )
    if all(mode == KindMode.OFF for mode in rules.modes.values()):
        _log.warning(
            "ALL KINDS ARE OFF: every upload is judged `real`. Switch some on in NOPHOTO_KINDS"
        )
    if rules.rate >= 0.5:
        _log.warning(
            "NOPHOTO_FALSE_POSITIVE_RATE is %g: most real pictures may be called placeholders. "
            "Usual rates are some thousandths",
            rules.rate,
        )
