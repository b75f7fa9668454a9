"""Looking before a reference is added: what it nearly equals, and which pictures it would claim."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nophoto.jobs.curation.preview import Nearest, PreviewResult
from nophoto.models.records.database import Database
from nophoto.models.records.matching.allow_list import Allowed
from nophoto.models.records.outcomes.recent import recent_uploads
from nophoto.models.vision.matching import SAME_PICTURE, Exemplars, lie_among_real, reaches_of
from nophoto.models.vocabulary import Kind, ReferenceScope
from nophoto.worker.matching.judge import Judge
from nophoto.worker.settings import Settings

NEARLY_EQUAL = SAME_PICTURE
"""Cosine from which on a new reference adds next to nothing to one that is there."""

LOOKED_AT = 100_000
"""Uploads that a new reference is compared with, the last ones."""

EXAMPLES = 12
"""Uploads that are kept as examples of what it would claim."""


@dataclass(frozen=True, slots=True)
class WouldFlag:
    """An upload that stands as real, and that the new reference would claim."""

    upload_id: int
    key: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Claims:
    """What a new reference would claim with one reach.

    Attributes:
        reach: similarity from which on it claims.
        real: pictures of the cohort and uploads that stand as real, changed copies of the
            reference itself left out.
        copies: of those uploads, changed copies of the reference.
        examples: uploads of both, the most similar first.
    """

    reach: float
    real: int = 0
    copies: int = 0
    examples: list[WouldFlag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    """What a new reference would do.

    Attributes:
        kind: what sort of picture it is to be.
        scope: what it is to claim; its copies alone where it lies among real pictures, or would
            claim too many of them otherwise.
        claims: what it would claim so.
        compared: pictures of the cohort and uploads that it was compared with.
        max_share: of those that it may claim.
        nearly_equal: a reference that it nearly equals.
        nearly_allowed: a picture of the allow-list that it nearly equals.
    """

    kind: Kind
    scope: ReferenceScope
    claims: Claims
    compared: int
    max_share: float
    nearly_equal: Nearest | None
    nearly_allowed: Allowed | None

    @property
    def is_refused(self) -> bool:
        """Whether it would claim more than it may."""
        return self.claims.real > self.max_share * self.compared

    @property
    def share(self) -> float:
        """The share of real pictures that it would claim."""
        return self.claims.real / self.compared if self.compared else 0.0

    @property
    def objections(self) -> list[str]:
        """What speaks against it, in sentences."""
        found = []
        if self.is_refused:
            found.append(
                f"it would claim {self.claims.real:,} of {self.compared:,} real pictures "
                f"({self.share:.2%}), and {self.max_share:.2%} are allowed"
            )
        if self.nearly_equal:
            member = self.nearly_equal.member
            found.append(f"it nearly equals reference {member.id} ({member.name})")
        if self.nearly_allowed:
            allowed = self.nearly_allowed
            found.append(
                f"it nearly equals picture {allowed.id} ({allowed.name}), which is allowed"
            )
        return found


def check_reference(
    database: Database,
    tried: PreviewResult,
    judge: Judge,
    settings: Settings,
    *,
    kind: Kind = Kind.OWN,
    photo: bool = False,
    collection: str | None = None,
) -> ReferenceCheck:
    """What the picture that was tried would do as a reference.

    Args:
        database: whose uploads it is compared with.
        tried: the picture.
        judge: what judged it.
        settings: the share that it may claim.
        kind: what sort of picture it is.
        photo: whether it is to claim its copies alone, whatever it lies among.
        collection: whose uploads alone it is to claim.
    """
    vector = tried.vector.astype(np.float32)
    scopes = [ReferenceScope.COPIES]
    if not photo and not lie_among_real(vector[np.newaxis], judge.cohorts, judge.matcher)[0]:
        scopes = [ReferenceScope.KIND, ReferenceScope.COPIES]
    found = [Claims(_reach(vector, kind, scope, judge)) for scope in scopes]
    compared = 0
    for cohort in judge.cohorts:
        cosines = cohort @ vector
        compared += len(cohort)
        found = [_with_cohort(claims, cosines) for claims in found]
    with database.reading() as session:
        version = judge.network.version
        dimension = judge.network.dimension
        for uploads in recent_uploads(session, version.id, dimension, LOOKED_AT, collection):
            cosines = uploads.vectors @ vector
            compared += len(cosines)
            named = list(zip(uploads.ids, uploads.keys, strict=True))
            found = [_with_uploads(each, cosines, uploads.is_real, named) for each in found]
    # What every reference of the set may claim is not held against a new one.
    share = max(settings.reference_max_share, judge.matcher.calibration.cap)
    most = share * compared
    place = next((n for n, claims in enumerate(found) if claims.real <= most), len(found) - 1)
    nearest = tried.nearest[0] if tried.nearest else None
    return ReferenceCheck(
        kind=kind,
        scope=scopes[place],
        claims=found[place],
        compared=compared,
        max_share=share,
        nearly_equal=nearest if nearest and nearest.similarity >= NEARLY_EQUAL else None,
        nearly_allowed=_nearly_allowed(tried, judge),
    )


def _reach(vector: NDArray[np.float32], kind: Kind, scope: ReferenceScope, judge: Judge) -> float:
    alone = Exemplars(vector[np.newaxis], (kind,), (scope,))
    calibration = judge.matcher.calibration
    return float(reaches_of(alone, judge.cohorts, calibration, judge.rules)[0])


def _with_cohort(claims: Claims, cosines: NDArray[np.float32]) -> Claims:
    count = int(((cosines >= claims.reach) & (cosines < SAME_PICTURE)).sum())
    return Claims(claims.reach, claims.real + count, claims.copies, claims.examples)


def _with_uploads(
    claims: Claims,
    cosines: NDArray[np.float32],
    is_real: NDArray[np.bool_],
    named: list[tuple[int, str]],
) -> Claims:
    claimed = np.flatnonzero(is_real & (cosines >= claims.reach))
    copies = int((cosines[claimed] >= SAME_PICTURE).sum())
    examples = [
        *claims.examples,
        *(WouldFlag(*named[row], float(cosines[row])) for row in claimed),
    ]
    examples.sort(key=lambda each: (-each.similarity, each.upload_id))
    return Claims(
        claims.reach,
        claims.real + len(claimed) - copies,
        claims.copies + copies,
        examples[:EXAMPLES],
    )


def _nearly_allowed(tried: PreviewResult, judge: Judge) -> Allowed | None:
    for member in judge.allowed.members:
        if member.digest == tried.digest:
            return member
    if not len(judge.allowed.look_alikes):
        return None
    cosines = judge.allowed.vectors @ tried.vector.astype(np.float32)
    nearest = int(cosines.argmax())
    if cosines[nearest] < NEARLY_EQUAL:
        return None
    return judge.allowed.members[int(judge.allowed.look_alikes[nearest])]
