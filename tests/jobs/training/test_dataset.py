from collections.abc import Callable
from hashlib import sha256
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

from nophoto.jobs.training.dataset import HELD_OUT_EVERY, build_dataset
from nophoto.jobs.training.train import FolderNotFoundError
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.references import NewReference
from nophoto.models.records.review import reviews
from nophoto.models.records.tables import Lane, ReferenceOrigin, Upload
from nophoto.models.vocabulary import Verdict
from nophoto.worker.retraining.confinement import OutsideRootsError, confine
from nophoto.worker.retraining.request import RetrainParameters
from nophoto.worker.settings import Settings


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(uploads: Path, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home", roots=(str(uploads),))


@pytest.fixture
def review(database: Database, uploads: Path) -> Callable[..., Path]:
    """Enqueues a file and has a moderator decide it, unless the verdict is None."""

    def review(name: str, verdict: Verdict | None, data: bytes) -> Path:
        path = uploads / name
        path.write_bytes(data)
        with database.transaction() as session:
            ids = add_uploads(session, [NewUpload(name, str(path))], Lane.BULK).ids
            if verdict:
                reviews.decide(session, ids, verdict, "ada")
        return path

    return review


def names(paths: list[Path]) -> set[str]:
    return {path.name for path in paths}


def test_people_s_words_become_pictures_and_a_fifth_is_held_out(
    database: Database, settings: Settings, review: Callable[..., Path], tmp_path: Path
) -> None:
    with database.transaction() as session:
        added = references.add(
            session, [NewReference("mine", b"added"), NewReference("old", b"retired")]
        ).added
        references.add(session, [NewReference("theirs", b"shipped", ReferenceOrigin.SHIPPED)])
        references.retire(session, [added[1].id])
    real = {
        sha256(data).hexdigest(): data
        for data in (f"real {n}".encode() for n in range(60))
        if review(data.decode(), Verdict.REAL, data)
    }
    found = sha256(b"found").hexdigest()
    review("found", Verdict.PLACEHOLDER, b"found")
    review("again", Verdict.PLACEHOLDER, b"added")  # is a reference already
    review("undecided", None, b"undecided")
    review("gone", Verdict.REAL, b"gone").unlink()
    unreadable: dict[Path, str] = {}
    folder = tmp_path / "run"

    def gathered() -> object:
        return build_dataset(
            database, settings, RetrainParameters(), folder, unreadable.__setitem__
        )

    pictures = gathered()
    held = {digest for digest in real if int(digest[:8], 16) % HELD_OUT_EVERY == 0}
    assert 3 < len(held) < 25
    assert names(pictures.held_out_real) == held
    assert [names(source) for source in pictures.real] == [set(real) - held]
    placeholders = names([*chain(*pictures.placeholders), *pictures.held_out_placeholders])
    assert placeholders == {sha256(b"added").hexdigest(), found}
    assert {path.name: path.read_bytes() for path in pictures.real[0]}.items() <= real.items()
    assert [path.name for path in unreadable] == ["gone"]
    assert "moderators found" in pictures.sources

    # After a crash it goes on with the same pictures, whatever came meanwhile.
    review("later", Verdict.REAL, b"later")
    assert gathered() == pictures


def test_an_upload_that_is_another_picture_by_now_is_left_out(
    database: Database, settings: Settings, review: Callable[..., Path], tmp_path: Path
) -> None:
    path = review("one", Verdict.REAL, b"before")
    with database.transaction() as session:
        session.execute(update(Upload).values(digest=sha256(b"before").hexdigest()))
    path.write_bytes(b"after")
    unreadable: dict[Path, str] = {}
    pictures = build_dataset(
        database, settings, RetrainParameters(), tmp_path / "run", unreadable.__setitem__
    )
    assert (pictures.real, list(unreadable.values())) == (
        [],
        ["it is another picture than was reviewed"],
    )


def test_folders_alone(
    database: Database, settings: Settings, review: Callable[..., Path], tmp_path: Path
) -> None:
    review("one", Verdict.REAL, b"one")
    for name in ("a", "b", "held/real", "held/placeholder"):
        (tmp_path / name).mkdir(parents=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / name / "1.png")
    parameters = RetrainParameters(
        real=(str(tmp_path / "a"), str(tmp_path / "b")),
        held_out=str(tmp_path / "held"),
        reviews=False,
        sources="mine",
    )
    pictures = build_dataset(database, settings, parameters, tmp_path / "run", lambda *_: None)
    assert [len(source) for source in pictures.real] == [1, 1]
    assert len(pictures.held_out_placeholders) == len(pictures.held_out_real) == 1
    assert pictures.sources == "mine"
    with pytest.raises(FolderNotFoundError, match="nowhere"):
        build_dataset(
            database,
            settings,
            RetrainParameters(real=(str(tmp_path / "nowhere"),)),
            tmp_path / "run",
            lambda *_: None,
        )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_links_below_a_folder_do_not_lead_a_message_out_of_the_roots(
    database: Database, settings: Settings, uploads: Path, tmp_path: Path
) -> None:
    (uploads / "real").mkdir()
    (uploads / "real" / "circle").symlink_to(uploads)
    parameters = confine(RetrainParameters(real=(str(uploads / "real"),), reviews=False), settings)

    def gathered(parameters: RetrainParameters) -> object:
        return build_dataset(database, settings, parameters, tmp_path / "run", lambda *_: None)

    gathered(parameters)
    secret = tmp_path / "secret.png"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(secret)
    link = uploads / "real" / "one.png"
    link.symlink_to(secret)
    with pytest.raises(OutsideRootsError, match=r"one\.png is outside the allowed roots"):
        gathered(parameters)
    # A user with a shell on the host reads what the host lets them.
    assert gathered(parameters.model_copy(update={"confined": False}))
