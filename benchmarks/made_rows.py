"""Uploads that were judged long ago, made by PostgreSQL itself: a million in a minute."""

from collections.abc import Iterator

from sqlalchemy import text

from nophoto.models.records.database import Database

_STEP = 100_000

_UPLOADS = """
INSERT INTO uploads (key, uri, lane, state, attempts, digest, verdict, needs_review, similarity,
    nearest_reference_id, model_version_id, reference_set_version, created_at, updated_at,
    judged_at)
SELECT 'made/' || n, '/srv/uploads/made/' || n || '.jpg', 'bulk', 'judged', 1,
    encode(sha256(n::text::bytea), 'hex'),
    CASE WHEN n % 50 = 0 THEN 'placeholder' ELSE 'real' END, n % 100 = 0, random(),
    (SELECT min(id) FROM "references"), :version, 1, now(), now(), now()
FROM generate_series(CAST(:first AS bigint), :last) AS n
"""
_EMBEDDINGS = """
INSERT INTO embeddings (digest, model_version_id, vector)
SELECT encode(sha256(n::text::bytea), 'hex'), :version,
    decode(repeat(encode(sha256(n::text::bytea), 'hex'), :sha256s), 'hex')
FROM generate_series(CAST(:first AS bigint), :last) AS n
"""
_SCORES = """
INSERT INTO scores (upload_id, at, verdict, needs_review, similarity, nearest_reference_id,
    model_version_id, reference_set_version)
SELECT id, judged_at, verdict, needs_review, similarity, nearest_reference_id, model_version_id,
    reference_set_version
FROM uploads WHERE key IN (
    SELECT 'made/' || n FROM generate_series(CAST(:first AS bigint), :last) AS n)
"""


def sizes(least: int, most: int) -> Iterator[int]:
    """Powers of ten from `least` to `most`."""
    while least <= most:
        yield least
        least *= 10


def fill(database: Database, stored: int, size: int, version_id: str, dimension: int) -> None:
    """Have `size` uploads where there are `stored`, each with its embedding and one score."""
    for first in range(stored + 1, size + 1, _STEP):
        last = min(first + _STEP - 1, size)
        values = {"first": first, "last": last, "version": version_id}
        with database.transaction() as session:
            session.execute(text(_UPLOADS), values)
            session.execute(text(_SCORES), {"first": first, "last": last})
            # Two bytes a number, 32 of a digest.
            session.execute(text(_EMBEDDINGS), values | {"sha256s": dimension // 16})
    with database.transaction() as session:
        session.execute(text("ANALYZE uploads, scores, embeddings"))
