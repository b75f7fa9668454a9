import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import func, select

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.references import NewReference
from nophoto.models.records.tables import Embedding
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vision.versions import ModelVersionError, open_version, shipped_version
from nophoto.worker.context import WorkerContext
from nophoto.worker.matching.active_judge import CHECKED_EVERY, ActiveJudge
from nophoto.worker.settings import Settings
from tests.parts import DECODERS

Draw = Callable[[int], bytes]
Add = Callable[[bytes], int]


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def pass_by(self) -> None:
        self.seconds += CHECKED_EVERY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def judge(database: Database, settings: Settings, model: str, clock: Clock) -> ActiveJudge:
    return ActiveJudge(database, settings, DECODERS, clock)


def test_follows_the_reference_set_and_keeps_the_network(
    judge: ActiveJudge, clock: Clock, database: Database, add_reference: Add, placeholder: Draw
) -> None:
    first = judge.current()
    assert (first.references.version, first.references.vectors.shape[0]) == (0, 0)
    one = add_reference(placeholder(1))
    assert judge.current() is first  # not looked at yet
    clock.pass_by()
    second = judge.current()
    assert [member.id for member in second.references.members] == [one]
    assert second.network is first.network
    clock.pass_by()
    assert judge.current() is second  # nothing moved

    with database.transaction() as session:
        references.retire(session, [one])
    clock.pass_by()
    third = judge.current()
    assert (third.references.version, list(third.references.members)) == (2, [])


def test_references_are_embedded_once_for_all_workers(
    judge: ActiveJudge,
    database: Database,
    settings: Settings,
    add_reference: Add,
    placeholder: Draw,
) -> None:
    for number in range(3):
        add_reference(placeholder(number))
    first = judge.current().references
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Embedding)) == 3
    second = ActiveJudge(database, settings, DECODERS).current().references
    assert (first.vectors == second.vectors).all()


def test_a_reference_that_cannot_be_decoded_is_left_out_and_named(
    judge: ActiveJudge, add_reference: Add, placeholder: Draw, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = add_reference(b"no picture"), add_reference(placeholder(1))
    matrix = judge.current().references
    assert [member.id for member in matrix.members] == [good]
    assert matrix.vectors.shape[0] == 1
    assert f"references retire {bad}" in caplog.text


def registration(folder: Path, version_id: str, digest: str) -> NewModelVersion:
    manifest = shipped_version().manifest
    return NewModelVersion(
        id=version_id,
        digest=digest,
        backbone=manifest.backbone,
        dimension=manifest.dimension,
        threshold=manifest.threshold,
        review_low=manifest.review_low,
        review_high=manifest.review_high,
        metrics={},
        location=str(folder),
    )


def test_a_version_that_cannot_be_opened_does_not_replace_the_one_that_judges(
    judge: ActiveJudge,
    clock: Clock,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = judge.current()
    with database.transaction() as session:
        model_versions.register(
            session, registration(tmp_path / "nowhere", "other-00000000", "0" * 64)
        )
        model_versions.activate(session, "other-00000000")
    clock.pass_by()
    with caplog.at_level(logging.ERROR):
        assert judge.current() is before
    assert "other-00000000 cannot be opened" in caplog.text
    with pytest.raises(ModelVersionError, match="nowhere"):
        ActiveJudge(database, settings, DECODERS).current()


@pytest.fixture
def copied(database: Database, tmp_path: Path) -> Path:
    """The folder of a copy of the shipped version, which is active."""
    version = shipped_version()
    folder = tmp_path / "copy"
    shutil.copytree(version.folder, folder)
    with database.transaction() as session:
        model_versions.register(session, registration(folder, version.id, version.digest))
        model_versions.activate(session, version.id)
    return folder


def test_a_version_whose_files_changed_judges_nothing(
    database: Database, settings: Settings, copied: Path
) -> None:
    ActiveJudge(database, settings, DECODERS).current()
    with (copied / "network.bin").open("r+b") as file:
        file.seek(1000)
        file.write(b"changed")
    with pytest.raises(ModelVersionError, match=r"network\.bin was changed"):
        ActiveJudge(database, settings, DECODERS).current()


def test_a_version_that_was_just_compared_is_not_compared_again_for_the_first_judge(
    database: Database, settings: Settings, copied: Path
) -> None:
    checked = open_version(copied)
    # The head, which nothing that judges reads: to compare the files would fail.
    with (copied / "head.keras").open("r+b") as file:
        file.write(b"changed")
    with pytest.raises(ModelVersionError, match=r"head\.keras was changed"):
        ActiveJudge(database, settings, DECODERS).current()
    judge = ActiveJudge(database, settings, DECODERS, opened=checked)
    assert judge.current().network.version is checked
    another = replace(checked, digest="0" * 64)
    with pytest.raises(ModelVersionError, match=r"head\.keras was changed"):
        ActiveJudge(database, settings, DECODERS, opened=another).current()


def test_a_process_of_a_worker_that_starts_later_compares_the_version_again(
    database: Database, settings: Settings, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = replace(shipped_version(), manifest=shipped_version().manifest)
    soon = WorkerContext(settings, checked)
    later = WorkerContext(settings, checked)
    assert soon.judge.current().network.version is checked
    seconds = monotonic() + 60
    monkeypatch.setattr("nophoto.worker.context.monotonic", lambda: seconds)
    assert later.judge.current().network.version is not checked


def test_a_location_that_holds_another_version_than_was_registered_judges_nothing(
    database: Database, settings: Settings
) -> None:
    folder = shipped_version().folder
    with database.transaction() as session:
        model_versions.register(session, registration(folder, "other-00000000", "0" * 64))
        model_versions.activate(session, "other-00000000")
    with pytest.raises(ModelVersionError, match="other-00000000"):
        ActiveJudge(database, settings, DECODERS).current()


def test_a_new_picture_counts_though_one_of_its_set_is_known(
    judge: ActiveJudge, clock: Clock, database: Database, placeholder: Draw
) -> None:
    with database.transaction() as session:
        references.add(session, [NewReference(str(n), placeholder(n)) for n in range(2)])
    judge.current()
    with database.transaction() as session:
        references.add(session, [NewReference(str(n), placeholder(n)) for n in range(4)])
    clock.pass_by()
    matrix = judge.current().references
    assert (matrix.version, len(matrix.members), matrix.vectors.shape[0]) == (2, 4, 4)
