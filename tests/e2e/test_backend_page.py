"""The messages of the page for backends, sent as they stand to a real worker."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from redis import Redis
from skimage import data
from sqlalchemy import text

from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Verdict
from tests.pages import blocks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/backend.md").read_text()


def block(language: str, mark: str) -> str:
    """The page's one block in `language` that holds `mark`."""
    (found,) = [text for text in blocks(PAGE, language) if mark in text]
    return found


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_backend_sends_and_reads_as_the_page_says(
    installed: Database,
    start_worker: Callable[..., Any],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    broker_url: str,
    pictures: Path,
) -> None:
    (pictures / "4711.jpg").write_bytes(shipped_references()[0].data)
    Image.fromarray(data.astronaut()).save(pictures / "4712.jpg")
    start_worker()

    here = block("python", "nophoto.score").replace("redis://localhost:6379/0", broker_url)
    exec(here.replace("/srv/uploads", str(pictures)), {})
    message = block("json", "nophoto.score").replace("/srv/uploads", str(pictures))
    json.loads(message)
    Redis.from_url(broker_url.replace("redis+socket", "unix")).lpush("celery", message)

    until(lambda: [row.state for row in rows().values()] == [UploadState.JUDGED] * 2)
    found = rows()
    query = block("sql", "FROM verdicts").replace("2026-01-31", "2020-01-31")
    assert found["photo/4711"].verdict == Verdict.PLACEHOLDER
    assert found["photo/4712"].verdict == Verdict.REAL
    with installed.reading() as session:
        lanes = {row.key: row.lane for row in session.query(Upload)}
        assert lanes == {
            "photo/4711": Lane.INTERACTIVE,
            "photo/4712": Lane.BULK,
        }
        listed = session.execute(text(query)).all()
    assert sorted((row.key, row.state, row.verdict, row.failure) for row in listed) == [
        ("photo/4711", "judged", "placeholder", None)
    ]
