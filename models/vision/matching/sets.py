"""Making a matcher of a reference set: which references claim pictures, which reject them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.matching.cohort_cosines import Cohorts, nearness
from nophoto.models.vision.matching.constants import AMONG_REAL
from nophoto.models.vision.matching.matcher import Matcher
from nophoto.models.vision.matching.reach import (
    Exemplars,
    Fallback,
    Rules,
    calibrate,
    claims_copies_only,
    reaches_of,
)
from nophoto.models.vocabulary import Kind, KindMode

_WITHOUT_LOOK = frozenset({Kind.OWN, Kind.PHOTO})
"""Kinds whose references need not resemble each other: retiring the last says nothing of others."""


def match(
    active: Exemplars,
    cohorts: Cohorts,
    rules: Rules,
    fallback: Fallback,
    *,
    retired: Exemplars | None = None,
    held: Sequence[Kind] = (),
) -> Matcher:
    """The matcher of a reference set.

    Where a kind is off, or none of its references is active any more, its references reject: what
    is most like one of them is real. Otherwise the references of other kinds would claim it.

    Args:
        active: the references that claim pictures. `Judgements.nearest` are places among these.
        cohorts: embeddings of real pictures; with none, `fallback` decides.
        rules: of the operator.
        fallback: of the model version.
        retired: references that claim nothing any more; their places count on from `active`.
        held: kinds of references in quarantine, which are not gone.
    """
    retired = retired if retired is not None else _some(active, np.empty(0, np.intp))
    is_off = np.array([rules.mode(kind) == KindMode.OFF for kind in active.kinds], np.bool_)
    claiming, off_active = np.flatnonzero(~is_off), np.flatnonzero(is_off)
    rejects = rejecting_kinds((*active.kinds, *held), rules)
    gone = np.flatnonzero([kind in rejects for kind in retired.kinds])
    rejecting = _joined(_some(active, off_active), _some(retired, gone))
    claims = _some(active, claiming)
    calibration = calibrate(claims, cohorts, rules, fallback)
    return Matcher(
        claims,
        claiming,
        calibration,
        rejecting,
        np.concatenate([off_active, gone + len(active)]),
        reaches_of(rejecting, cohorts, calibration, rules),
    )


def rejecting_kinds(living: Iterable[Kind], rules: Rules) -> set[Kind]:
    """The kinds whose retired references reject.

    Args:
        living: kinds of references that are not retired.
        rules: of the operator.
    """
    is_off = {kind for kind in Kind if rules.mode(kind) == KindMode.OFF}
    return (set(Kind) - set(living) - _WITHOUT_LOOK) | is_off


def beside(matcher: Matcher, others: Exemplars, cohorts: Cohorts, rules: Rules) -> Matcher:
    """What other references would claim with the reaches that they would have in the set.

    Those in quarantine, say; `Judgements.nearest` are places among these.
    """
    is_off = [rules.mode(kind) == KindMode.OFF for kind in others.kinds]
    places = np.flatnonzero(~np.array(is_off, np.bool_))
    claims = _some(others, places)
    reaches = reaches_of(claims, cohorts, matcher.calibration, rules)
    only_copies = claims_copies_only(claims, rules)
    calibration = replace(matcher.calibration, reaches=reaches, only_copies=only_copies)
    return replace(matcher, claiming=claims, places=places, calibration=calibration)


def lie_among_real(
    vectors: NDArray[np.float32], cohorts: Cohorts, matcher: Matcher
) -> NDArray[np.bool_]:
    """Which of some pictures (r, d) lie among real ones, as photographs do, (r,).

    Real pictures come nearer to such a one than to any placeholder. As a reference it should claim
    its copies alone.
    """
    if not any(map(len, cohorts)):
        return np.zeros(len(vectors), np.bool_)
    return nearness(vectors, cohorts, matcher.calibration.cap).caps > AMONG_REAL


def _some(exemplars: Exemplars, places: NDArray[np.intp]) -> Exemplars:
    return Exemplars(
        exemplars.vectors[places],
        tuple(exemplars.kinds[place] for place in places),
        tuple(exemplars.scopes[place] for place in places),
    )


def _joined(first: Exemplars, second: Exemplars) -> Exemplars:
    return Exemplars(
        np.concatenate([first.vectors, second.vectors]),
        first.kinds + second.kinds,
        first.scopes + second.scopes,
    )
