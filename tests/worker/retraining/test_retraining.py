import os
import signal
import sys
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
from celery import Celery
from pydantic import SecretStr

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.tables import RunKind
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.worker.broker.app import TRAINING, create_app
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.context import WorkerContext
from nophoto.worker.dispatch.runs import RunNotPublishedError
from nophoto.worker.retraining.request import (
    RetrainParameters,
    RetrainParametersError,
    request_retraining,
)
from nophoto.worker.settings import Settings
from nophoto.worker.tasks.retraining import register_retrain, register_train


@pytest.fixture
def app(settings: Settings) -> Celery:
    app = create_app(settings)
    register_retrain(app, WorkerContext(settings))
    return app


def asked(database: Database) -> list[dict[str, Any]]:
    with database.reading() as session:
        return [run.parameters for run in runs.list_runs(session, RunKind.RETRAIN)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": 1}, "colour"),
        ({"recipe": {"steps": 0}}, "steps"),
        ({"recipe": {"recipe": "baseline", "steps": 5}}, "steps"),
        ({"recipe": {"recipe": "baseline"}, "placeholders": ["/a"]}, "anchors, not placeholders"),
        ({"anchors": "/a"}, "belong to the baseline recipe"),
        ({"target": 0}, "target"),
        ({"real": "not a list"}, "real"),
        ([], "the parameters"),
        ("x", "the parameters"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(values: object, message: str) -> None:
    with pytest.raises(RetrainParametersError, match=message):
        RetrainParameters.of(values)


def test_parameters_come_back_from_the_database_as_they_were(
    database: Database, app: Celery
) -> None:
    parameters = RetrainParameters.of({"real": ["/a", "/b"], "recipe": {"hidden": 32}})
    request_retraining(database, app, parameters, "ada")
    assert [RetrainParameters.of(values) for values in asked(database)] == [parameters]
    assert parameters.to_recipe().hidden == 32


def test_a_backend_asks_by_name_and_one_at_a_time(
    database: Database, app: Celery, pictures: Path, caplog: pytest.LogCaptureFixture
) -> None:
    task = app.tasks["nophoto.retrain"]
    task({"real": [str(pictures)], "promote": True, "confined": False})
    assert waiting(app, TRAINING) == 1
    with database.reading() as session:
        assert runs.waiting(session, RunKind.RETRAIN) is not None
        assert runs.waiting(session, RunKind.RESCORE) is None
    task({"real": [str(pictures / "others")]})
    assert "is queued already" in caplog.text
    task({"nonsense": True})
    assert "refused a message of nophoto.retrain" in caplog.text
    (stored,) = asked(database)
    assert stored["real"] == [str(pictures)]
    assert stored["confined"], "no message lifts what it may read"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "field", ["real", "placeholders", "held_out", "anchors", "picture", "activations"]
)
def test_a_message_reads_below_the_roots_only(
    database: Database,
    app: Celery,
    pictures: Path,
    tmp_path: Path,
    field: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "secret").mkdir()
    (pictures / "link").symlink_to(tmp_path / "secret")
    for path in (tmp_path / "secret", pictures / "link", pictures / "../secret", Path("secret")):
        value = [str(path)] if field in ("real", "placeholders") else str(path)
        recipe = {"recipe": {"recipe": "baseline"}} if field in ("anchors", "picture") else {}
        app.tasks["nophoto.retrain"]({field: value, **recipe})
        reason = "a message cannot say" if field == "activations" else f"{path} is outside"
        assert reason in caplog.text
        caplog.clear()
    assert asked(database) == []


def test_without_a_broker_the_run_is_stored(database: Database, settings: Settings) -> None:
    nowhere = settings.model_copy(update={"broker_url": SecretStr("redis://127.0.0.1:1/0")})
    with pytest.raises(RunNotPublishedError):
        request_retraining(database, create_app(nowhere), RetrainParameters(), "ada")
    assert len(asked(database)) == 1


def test_a_training_is_a_process_of_its_own_that_ends_with_its_task(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings)
    program = "import sys, pathlib; pathlib.Path(sys.argv[1], sys.argv[2]).touch(); sys.exit(3)"
    register_train(app, [sys.executable, "-c", program, str(tmp_path)])
    app.tasks["nophoto.train"](7)
    assert (tmp_path / "7").exists()
    assert "run 7: the process that worked on it ended with status 3" in caplog.text
    for nonsense in ("7", None, -1, True, 2**70):
        app.tasks["nophoto.train"](nonsense)
    assert [path.name for path in tmp_path.iterdir() if path.name.isdigit()] == ["7"]


def test_a_stop_of_the_worker_ends_the_training(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings)
    program = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(pathlib.Path(sys.argv[1]).touch()))\n"
        "pathlib.Path(sys.argv[2]).touch()\n"
        "time.sleep(60)"
    )
    told, up = tmp_path / "told", tmp_path / "up"
    register_train(app, [sys.executable, "-c", program, str(told), str(up)])

    def stop() -> None:
        while not up.exists():
            sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    # As in Celery's children.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    Thread(target=stop, daemon=True).start()
    try:
        with pytest.raises(SystemExit):
            app.tasks["nophoto.train"](1)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert told.exists()


def test_the_former_name_of_the_baseline_recipe_is_accepted() -> None:
    parameters = RetrainParameters.of({"recipe": {"recipe": "seed", "epochs": 3}})
    assert parameters.recipe == {"recipe": "baseline", "epochs": 3}
    assert parameters.to_recipe() == BaselineRecipe(epochs=3)
