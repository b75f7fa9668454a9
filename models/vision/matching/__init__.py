"""From embeddings to verdicts: which reference claims a picture, from which similarity on.

Pure functions over arrays. A reference claims a picture whose cosine with it is at least the
reference's *reach*; `calibrate` sets the reaches on a cohort of real pictures, so that the whole
reference set keeps the operator's false-positive rate, and a `Matcher` judges by them.
"""

from nophoto.models.vision.matching.clusters import Cluster, near_copies
from nophoto.models.vision.matching.cohort_cosines import Cohorts
from nophoto.models.vision.matching.constants import (
    COPY_CAP,
    COPY_FLOOR,
    KIND_COPY_FLOOR,
    SAME_PICTURE,
)
from nophoto.models.vision.matching.kinds import kind_of_drawing
from nophoto.models.vision.matching.matcher import Judgement, Judgements, Matcher
from nophoto.models.vision.matching.nearest import nearest_references
from nophoto.models.vision.matching.reach import (
    Calibration,
    Exemplars,
    Fallback,
    Rules,
    calibrate,
    copy_reaches,
    reaches_of,
)
from nophoto.models.vision.matching.sets import (
    beside,
    lie_among_real,
    match,
    rejecting_kinds,
)

__all__ = [
    "COPY_CAP",
    "COPY_FLOOR",
    "KIND_COPY_FLOOR",
    "SAME_PICTURE",
    "Calibration",
    "Cluster",
    "Cohorts",
    "Exemplars",
    "Fallback",
    "Judgement",
    "Judgements",
    "Matcher",
    "Rules",
    "beside",
    "calibrate",
    "copy_reaches",
    "kind_of_drawing",
    "lie_among_real",
    "match",
    "near_copies",
    "nearest_references",
    "reaches_of",
    "rejecting_kinds",
]
