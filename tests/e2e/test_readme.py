"""The README's messages, sent as they stand to a real worker, and its query."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from redis import Redis
from skimage import data
from sqlalchemy import text

from models.records.database import Database
from models.records.results import ResultRow
from models.records.tables import Lane, Upload, UploadState
from models.vision.references import shipped_references
from models.vocabulary import Verdict

README = (Path(__file__).parents[2] / "README.md").read_text()
BLOCKS: dict[str, str] = dict(re.findall(r"(?ms)^```(python|json|sql)\n(.*?)^```$", README))


def test_a_backend_sends_and_reads_as_the_readme_says(
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

    program = BLOCKS["python"].replace("redis://localhost:6379/0", broker_url)
    exec(program.replace("/srv/uploads", str(pictures)), {})
    message = BLOCKS["json"].replace("/srv/uploads", str(pictures))
    json.loads(message)
    Redis.from_url(broker_url.replace("redis+socket", "unix")).lpush("celery", message)

    until(lambda: [row.state for row in rows().values()] == [UploadState.JUDGED] * 2, 20)
    found = rows()
    assert found["photo/4711"].verdict == Verdict.PLACEHOLDER
    assert found["photo/4712"].verdict == Verdict.REAL
    with installed.reading() as session:
        lanes = {row.key: row.lane for row in session.query(Upload)}
        assert lanes == {"photo/4711": Lane.INTERACTIVE, "photo/4712": Lane.BULK}
        listed = session.execute(text(BLOCKS["sql"].replace("2026-01-31", "2020-01-31"))).all()
    assert [(row.key, row.state, row.verdict, row.failure) for row in listed] == [
        ("photo/4711", "judged", "placeholder", None)
    ]
