"""What is new: a tile under many keys comes first, and becomes a reference in quarantine."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select, update

from nophoto.jobs.curation.discover import discover
from nophoto.jobs.curation.discovery_acts import decide_discovery
from nophoto.jobs.curation.reviews import undo_last
from nophoto.jobs.versions.promotion import get_version
from nophoto.models.records import clock, references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Lane, Upload
from nophoto.models.vocabulary import Verdict
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.settings import Settings
from tests.jobs.conftest import Cli
from tests.parts import DECODERS


@dataclass
class Tile:
    """A placeholder that no reference is like, and copies of it."""

    files: list[Path]
    vectors: list[np.ndarray]


@pytest.fixture
def tile(tmp_path: Path, installed: Database, monkeypatch: pytest.MonkeyPatch) -> Tile:
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("NOPHOTO_ROOTS", str(folder))
    image = Image.new("RGB", (300, 300), "#123456")
    ImageDraw.Draw(image).polygon([(40, 260), (150, 60), (260, 260)], fill="#ffcc00")
    network = judge_of(installed).network
    found = Tile([], [])
    for number, (quality, size) in enumerate(((95, 300), (70, 300), (85, 240), (60, 200))):
        file = folder / f"tile-{number}.jpg"
        image.resize((size, size)).save(file, quality=quality)
        pixels = DECODERS.load(file.read_bytes(), network.input_size)
        found.files.append(file)
        found.vectors.append(network.embed(pixels[np.newaxis])[0])
    return found


def judge_of(database: Database):
    return ActiveJudge(database, Settings(_env_file=None), DECODERS).current()


@pytest.fixture
def upload(installed: Database) -> Callable[..., None]:
    """Adds uploads (key, URI, digest, vector) that were judged real."""

    def upload(rows: list[tuple[str, str, str, np.ndarray]]) -> None:
        model = get_version(installed, "active")
        with installed.transaction() as session:
            new = [NewUpload(key, uri) for key, uri, *_ in rows]
            ids = add_uploads(session, new, Lane.BULK).ids
            token = claims.claim(session, ids, 600).token
            judged = [
                Judged(upload_id, digest, Verdict.REAL, False, None, None)
                for upload_id, (*_, digest, _) in zip(ids, rows, strict=True)
            ]
            embeddings.remember(session, model.id, {row[2]: row[3] for row in rows})
            record_outcomes(session, token, judged, [], model.id, 1)

    return upload


def strangers(count: int, dimension: int) -> list[tuple[str, str, str, np.ndarray]]:
    random = np.random.default_rng(5)
    vectors = random.standard_normal((count, dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        (f"stranger/{n}", f"/nowhere/{n}.jpg", f"{n:064x}", vector)
        for n, vector in enumerate(vectors)
    ]


def test_five_hundred_copies_of_an_unknown_tile_among_thousands_come_first(
    installed: Database, tile: Tile, upload: Callable[..., None], cli: Cli
) -> None:
    files = [file.read_bytes() for file in tile.files]
    rows = [
        (f"shop/{n}", str(tile.files[n % 4]), sha256(files[n % 4]).hexdigest(), tile.vectors[n % 4])
        for n in range(500)
    ]
    upload(rows + strangers(2_500, len(tile.vectors[0])))
    # A group that is larger, and that came before.
    upload(
        [(f"old/{n}", "/nowhere/old.jpg", "e" * 64, -strangers(1, 128)[0][3]) for n in range(600)]
    )
    with installed.transaction() as session:
        before = clock.now(session) - timedelta(days=10)
        session.execute(update(Upload).where(Upload.key.like("old/%")).values(created_at=before))

    started = monotonic()
    result = cli("discover", "--json")
    assert monotonic() - started < 60
    first, second = json.loads(result.stdout)
    assert (first["keys"], first["pictures"], first["growth"]) == (500, 4, 500)
    assert first["medoid"]["key"].startswith("shop/")
    assert (second["keys"], second["growth"]) == (600, -600)

    result = cli("discover", "--quarantine", first["medoid"]["upload_id"], "--kind", "object-icon")
    assert result.exit_code == 0, result.stderr
    assert "is in quarantine and would claim" in result.stderr
    with installed.reading() as session:
        (held,) = references.active(session).quarantined
    assert held.kind == "object-icon"
    judge = judge_of(installed)
    assert judge.holding.judge_all(np.stack(tile.vectors)).is_placeholder.all()


def test_what_is_decided_or_too_old_or_too_few_is_not_new(
    installed: Database, tile: Tile, upload: Callable[..., None], cli: Cli
) -> None:
    vector = tile.vectors[0]
    upload([(f"few/{n}", "/x.jpg", "a" * 64, vector) for n in range(4)])
    assert discover(installed, judge_of(installed)) == []
    assert len(discover(installed, judge_of(installed), least=4)) == 1
    assert "no picture is shared" in cli("discover").stderr
    cli("reviews", "decide", "real", "few/0", "few/1")
    assert discover(installed, judge_of(installed), least=4) == []


def test_other_bytes_and_missing_files_are_refused(
    installed: Database, tile: Tile, upload: Callable[..., None], cli: Cli, tmp_path: Path
) -> None:
    gone = tmp_path / "uploads/gone.jpg"
    upload([("changed", str(tile.files[0]), "a" * 64, tile.vectors[0])])
    upload([("gone", str(gone), "b" * 64, tile.vectors[1])])
    with installed.reading() as session:
        ids = dict(session.execute(select(Upload.key, Upload.id)).all())
    for key, words in (("changed", "other bytes"), ("gone", "missing")):
        result = cli("discover", "--quarantine", ids[key])
        assert result.exit_code == 1
        assert words in result.stderr
    assert "no upload 999" in cli("discover", "--quarantine", 999).stderr


def test_one_collection_is_looked_through_decided_and_guarded_alone(
    installed: Database, tile: Tile, upload: Callable[..., None], cli: Cli
) -> None:
    assert cli("collections", "add", "shoes").exit_code == 0
    digest = sha256(tile.files[0].read_bytes()).hexdigest()
    upload([(f"shoe/{n}", str(tile.files[0]), digest, tile.vectors[0]) for n in range(6)])
    upload([(f"hat/{n}", str(tile.files[0]), digest, tile.vectors[0]) for n in range(9)])
    with installed.transaction() as session:
        shoes = update(Upload).where(Upload.key.like("shoe/%"))
        session.execute(shoes.values(collection="shoes"))
    (everywhere,) = json.loads(cli("discover", "--json").stdout)
    (there,) = json.loads(cli("discover", "--collection", "shoes", "--json").stdout)
    assert (everywhere["keys"], there["keys"]) == (15, 6)
    assert there["medoid"]["key"].startswith("shoe/")
    assert "there is no collection 'shoe'" in cli("discover", "--collection", "shoe").stderr

    made = cli("discover", "--quarantine", there["medoid"]["upload_id"], "--collection", "shoes")
    assert made.exit_code == 0, made.stderr
    with installed.reading() as session:
        (held,) = references.active(session).quarantined
    assert held.collections == {"shoes"}

    ids = [there["medoid"]["upload_id"]]
    assert decide_discovery(installed, ids, Verdict.PLACEHOLDER, "ann", collection="shoes") == 6
    assert decide_discovery(installed, ids, Verdict.PLACEHOLDER, "ann") == 9
    assert undo_last(installed, "ann") == 9
