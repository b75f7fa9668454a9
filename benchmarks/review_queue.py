"""How long five moderators wait for their next item, with a hundred thousand that wait.

`python -m benchmarks.review_queue [COUNT] [DATABASE_URL]`: as many uploads that wait, one in three
of the same bytes as others; five moderators at once decide forty items each, about two a second.
Without a URL the database is SQLite in a temporary folder.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import numpy as np
from sqlalchemy import insert, text

from nophoto.jobs.curation.reviews import decide_group
from nophoto.jobs.curation.shared_queue import next_item
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.models.records import clock, references
from nophoto.models.records.database import Database
from nophoto.models.records.review.group_reviews import PictureGroup
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.tables import Embedding, Lane, Upload, UploadState
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Kind, Verdict
from nophoto.worker.settings import Settings

_MODERATORS = 5
_DECISIONS = 40
_THINKS = 0.4
"""Seconds between two decisions: quicker than anybody is."""
_AT_ONCE = 5_000


def main(count: int, url: str) -> None:
    """Print percentiles."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(_env_file=None, home=home, database_url=url)
        upgrade_database(settings)
        database = Database(settings.effective_database_url)
        _fill(database, count)
        with ThreadPoolExecutor(_MODERATORS) as threads:
            waits = list(threads.map(lambda n: _moderate(database, f"m{n}"), range(_MODERATORS)))
        seconds, seen = np.concatenate([of[0] for of in waits]), [d for of in waits for d in of[1]]
        print(f"database   {'PostgreSQL' if database.is_postgresql else 'SQLite'}")
        print(f"waiting    {count:,}")
        print(f"items      {len(seconds)} by {_MODERATORS} moderators")
        print(f"shown twice {len(seen) - len(set(seen))}")
        for share in (50, 95, 99):
            print(f"p{share}        {1000 * np.percentile(seconds, share):.0f} ms")
        database.close()


def _moderate(database: Database, name: str) -> tuple[list[float], list[str]]:
    waits: list[float] = []
    seen: list[str] = []
    for turn in range(_DECISIONS):
        started = monotonic()
        item = next_item(database, name, QueueFilter(), Order.NEWEST, turn=turn)
        waits.append(monotonic() - started)
        sleep(_THINKS)
        if not item.groups:
            continue
        digests = item.groups[0].digests
        seen.extend(digests)
        with database.reading() as session:
            group = PictureGroup(digests, QueueFilter(), clock.now(session))
        decide_group(database, group, Verdict.PLACEHOLDER, name)
    return waits, seen


def _fill(database: Database, count: int) -> None:
    random = np.random.default_rng(1)
    with database.transaction() as session:
        model = model_versions.active(session)
        ids = [member.id for member in references.active(session).members]
        now = clock.now(session)
        assert model is not None
        for start in range(0, count, _AT_ONCE):
            size = min(_AT_ONCE, count - start)
            pictures = [n - n % 3 if n % 2 else n for n in range(start, start + size)]
            rows = [
                {
                    "key": f"key/{start + n}",
                    "uri": "/x.jpg",
                    "lane": Lane.BULK,
                    "state": UploadState.JUDGED,
                    "digest": f"{picture:064x}",
                    "verdict": Verdict.PLACEHOLDER,
                    "needs_review": False,
                    "score": 0.1,
                    "similarity": 0.8,
                    "kind": Kind.PERSON,
                    "nearest_reference_id": ids[picture % len(ids)],
                    "model_version_id": model.id,
                    "reference_set_version": 1,
                    "created_at": now,
                    "updated_at": now,
                    "judged_at": now,
                }
                for n, picture in enumerate(pictures)
            ]
            session.execute(insert(Upload), rows)
            vectors = random.standard_normal((size, model.dimension))
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            stored = [
                {
                    "digest": f"{picture:064x}",
                    "model_version_id": model.id,
                    "vector": vectors[n].astype("<f2").tobytes(),
                }
                for n, picture in enumerate(pictures)
                if picture == start + n
            ]
            session.execute(insert(Embedding), stored)
        # As a database does by itself after so many rows, a minute later.
        session.execute(text("ANALYZE"))


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 100_000,
        sys.argv[2] if len(sys.argv) > 2 else "",
    )
