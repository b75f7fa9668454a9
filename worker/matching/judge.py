"""All that judges uploads at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nophoto.models.records.references import Member
from nophoto.models.vision.matching import Matcher, Rules, beside, match
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.allow_list import AllowedMatrix
from nophoto.worker.matching.references import ReferenceMatrices, ReferenceMatrix


@dataclass(frozen=True, slots=True)
class Judge:
    """A network, its references and the allow-list, as they stood together.

    Attributes:
        references: those that flag what they claim.
        quarantined: those that only hold it for review.
        allowed: pictures that are real whatever they look like.
        matcher: `references` with their reaches.
        holding: `quarantined` with the reaches that they would have.
        rejecting: the references that make real what is most like them, as `matcher` counts them.
        cohorts: the real pictures that the reaches rest on.
    """

    network: Network
    references: ReferenceMatrix
    quarantined: ReferenceMatrix
    allowed: AllowedMatrix
    matcher: Matcher
    holding: Matcher
    rejecting: Sequence[Member]
    cohorts: Sequence[NDArray[np.float32]]


def make_judge(
    network: Network,
    matrices: ReferenceMatrices,
    allowed: AllowedMatrix,
    cohorts: Sequence[NDArray[np.float32]],
    rules: Rules,
) -> Judge:
    """The judge by these references, whose reaches are calibrated here."""
    active, quarantined = matrices.active, matrices.quarantined
    matcher = match(
        active.exemplars,
        cohorts,
        rules,
        network.fallback,
        retired=matrices.retired.exemplars,
        held=[member.kind for member in quarantined.members],
    )
    silent = [*active.members, *matrices.retired.members]
    return Judge(
        network=network,
        references=active,
        quarantined=quarantined,
        allowed=allowed.within(cohorts, matcher.calibration.common),
        matcher=matcher,
        holding=beside(matcher, quarantined.exemplars, cohorts, rules),
        rejecting=[silent[place] for place in matcher.rejecting_places],
        cohorts=cohorts,
    )
