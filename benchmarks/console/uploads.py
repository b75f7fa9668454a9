"""Judged uploads for the console to show, written as a worker writes them."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from benchmarks.installation import Installation
from nophoto.models.records import references
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Verdict

_AT_ONCE = 1_000


def fill_queue(installation: Installation, files: Sequence[Path], count: int) -> None:
    """Have `count` uploads wait for review, all of other bytes; they show `files` in turn."""
    rng = np.random.default_rng(7)
    database = installation.database
    with database.reading() as session:
        model = model_versions.active(session)
        members = references.active(session).members
    assert model is not None
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(count, start + _AT_ONCE))
        vectors = rng.normal(size=(len(numbers), model.dimension))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        digests = [sha256(str(number).encode()).hexdigest() for number in numbers]
        with database.transaction() as session:
            new = [NewUpload(f"upload {n}", str(files[n % len(files)])) for n in numbers]
            ids = add_uploads(session, new, Lane.BULK).ids
            token = claims.claim(session, ids, 600).token
            judged = [
                Judged(
                    upload_id,
                    digest,
                    Verdict.PLACEHOLDER,
                    needs_review=bool(rng.random() < 0.3),
                    similarity=float(rng.uniform(model.threshold, 1)),
                    nearest_reference_id=members[int(rng.integers(len(members)))].id,
                )
                for upload_id, digest in zip(ids, digests, strict=True)
            ]
            record_outcomes(session, token, judged, [], model.id, 1)
            made = dict(zip(digests, vectors.astype(np.float16), strict=True))
            embeddings.remember(session, model.id, made)
