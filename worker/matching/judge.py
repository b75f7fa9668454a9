"""All that judges uploads at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from nophoto.models.records.collections import DEFAULT, CollectionRow
from nophoto.models.records.references import Member
from nophoto.models.vision.matching import Matcher, Rules, beside, match
from nophoto.models.vocabulary import Kind
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.allow_list import AllowedMatrix
from nophoto.worker.matching.references import ReferenceMatrices, ReferenceMatrix


@dataclass(frozen=True, slots=True)
class Judge:
    """A network, its references and the allow-list, as they stood together.

    It judges the uploads of one collection, and knows those that judge the others: one embedding
    serves all of them.

    Attributes:
        references: those that flag what they claim.
        quarantined: those that only hold it for review.
        allowed: pictures that are real whatever they look like.
        matcher: `references` with their reaches.
        holding: `quarantined` with the reaches that they would have.
        rejecting: the references that make real what is most like them, as `matcher` counts them.
        cohorts: the real pictures that the reaches rest on.
        rules: of the operator.
        all_allowed: the allow-list of all collections.
        basis: what `matcher` was made of; the same basis gives the same reaches.
        collections: what judges other collections, by name; those that are judged as here lack.
        kinds: of all references that anybody's verdict may name, by their ids.
    """

    network: Network
    references: ReferenceMatrix
    quarantined: ReferenceMatrix
    allowed: AllowedMatrix
    matcher: Matcher
    holding: Matcher
    rejecting: Sequence[Member]
    cohorts: Sequence[NDArray[np.float32]]
    rules: Rules
    all_allowed: AllowedMatrix
    basis: object
    collections: "Mapping[str, Judge]" = field(default_factory=dict)
    kinds: Mapping[int, Kind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        matrices = (of for one in self.everyone for of in (one.references, one.quarantined))
        kinds = {member.id: member.kind for of in matrices for member in of.members}
        object.__setattr__(self, "kinds", kinds)

    def of(self, collection: str) -> "Judge":
        """What judges the uploads of a collection."""
        return self.collections.get(collection, self)

    @property
    def everyone(self) -> "list[Judge]":
        """This one and those of other collections."""
        return [self, *self.collections.values()]


def make_judge(
    network: Network,
    matrices: ReferenceMatrices,
    allowed: AllowedMatrix,
    cohorts: Sequence[NDArray[np.float32]],
    rules: Rules,
    collections: Sequence[CollectionRow] = (),
    before: Judge | None = None,
) -> Judge:
    """The judge by these references, whose reaches are calibrated here.

    Args:
        network: what embeds.
        matrices: the references of all collections.
        allowed: the allow-list of all collections.
        cohorts: real pictures.
        rules: of the installation, where a collection has none of its own.
        collections: their settings; the uploads of others are judged by the rules.
        before: a judge whose reaches are taken over where they rest on the same.
    """
    made = [one for judge in ([before] if before else []) for one in judge.everyone]
    pictures = sha256(b"".join(cohort.tobytes() for cohort in cohorts)).digest()
    named = {DEFAULT: CollectionRow(DEFAULT)} | {row.name: row for row in collections}
    judges: dict[str, Judge] = {}
    for name, row in named.items():
        judge = _of_collection(
            network,
            matrices.of(name),
            allowed.of(name),
            cohorts,
            _rules(rules, row),
            row,
            made,
            pictures,
            allowed,
        )
        judges[name] = judge
        made.append(judge)
    common = judges.pop(DEFAULT)
    others = {
        name: judge
        for name, judge in judges.items()
        if judge.basis != common.basis or judge.allowed.members != common.allowed.members
    }
    return replace(common, collections=others)


def _of_collection(
    network: Network,
    matrices: ReferenceMatrices,
    allowed: AllowedMatrix,
    cohorts: Sequence[NDArray[np.float32]],
    rules: Rules,
    row: CollectionRow,
    made: Sequence[Judge],
    pictures: bytes,
    all_allowed: AllowedMatrix,
) -> Judge:
    active, quarantined = matrices.active, matrices.quarantined
    basis = (
        network.version.id,
        pictures,
        *(tuple(of.members) for of in (active, quarantined, matrices.retired)),
        rules.rate,
        tuple(sorted(rules.modes.items())),
        row.band,
    )
    silent = [*active.members, *matrices.retired.members]
    same = next((judge for judge in made if judge.basis == basis), None)
    if same is not None:
        matcher, holding = same.matcher, same.holding
    else:
        matcher = match(
            active.exemplars,
            cohorts,
            rules,
            network.fallback,
            retired=matrices.retired.exemplars,
            held=[member.kind for member in quarantined.members],
        )
        if row.band is not None:
            calibration = replace(matcher.calibration, band=row.band)
            matcher = replace(matcher, calibration=calibration)
        holding = beside(matcher, quarantined.exemplars, cohorts, rules)
    return Judge(
        network=network,
        references=active,
        quarantined=quarantined,
        allowed=allowed.within(cohorts, matcher.calibration.common),
        matcher=matcher,
        holding=holding,
        rejecting=[silent[place] for place in matcher.rejecting_places],
        cohorts=cohorts,
        rules=rules,
        all_allowed=all_allowed,
        basis=basis,
    )


def _rules(common: Rules, row: CollectionRow) -> Rules:
    rate = row.false_positive_rate
    return Rules(common.rate if rate is None else rate, {**common.modes, **row.kinds})
