"""One installation under test: servers, workers, pictures, and what is expected of each upload."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import psutil
from PIL import Image
from sqlalchemy import func, select

from benchmarks.environment import environment_of
from nophoto.jobs.uploads.erase import erase
from nophoto.migrations import upgrade
from nophoto.models.records import references, scheduled_runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.notifications import outbox
from nophoto.models.records.references import NewReference
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.review import reviews
from nophoto.models.records.runs import OPEN
from nophoto.models.records.tables import (
    Channel,
    Job,
    Lane,
    Run,
    ScheduledRunOutcome,
    Upload,
    UploadState,
)
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import shipped_version, write_manifest
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import BrokerUnreachableError
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.dispatch.runs import request_rescore
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import registration
from nophoto.worker.versions.shipped import install_shipped
from tests.faults.decoder import HANGS
from tests.faults.http_door import HttpDoor
from tests.faults.proxy import Proxy
from tests.faults.servers import Postgres, Valkey

_OVER = (UploadState.JUDGED, UploadState.FAILED)


class Worker:
    """A worker in processes of its own."""

    def __init__(self, site: "Site", number: int) -> None:
        self._site = site
        self._log = site.folder / f"worker-{number}.log"
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.program"],
                env={**os.environ, **self._site.environment},
                cwd=Path(__file__).parents[2],
                stdout=output,
                stderr=output,
            )

    @property
    def children(self) -> list[psutil.Process]:
        """Those that score; each has children that decode, and end with it."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children()
        return []

    def keep_alive(self) -> None:
        """Start it again if it has ended, as systemd or docker would."""
        if self.process.poll() is not None:
            self.start()

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def kill(self) -> None:
        family = [psutil.Process(self.process.pid), *self.children]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)


class Site:
    """Servers, two workers, and uploads whose outcome is known before they are judged.

    Args:
        folder: for everything; nothing else uses it.
        kind: `postgresql` or `sqlite`.
        lease, sweep: seconds, as in the settings.
        door: by which uploads come: `intake`, the function, or `http`, the server.
    """

    def __init__(
        self,
        folder: Path,
        kind: str,
        lease: float,
        sweep: float,
        seed: int,
        door: str = "intake",
    ) -> None:
        self.folder = folder
        self.rng = np.random.default_rng(seed)
        self.trips = folder / "trips"
        self.pictures = folder / "pictures"
        for part in (self.trips, self.pictures, folder / "valkey"):
            part.mkdir()
        self.valkey = Valkey(folder / "valkey")
        self.wire = Proxy(self.valkey.port)
        self.postgres = Postgres(folder) if kind == "postgresql" else None
        url = self.postgres.url if self.postgres else f"sqlite:///{folder / 'nophoto.db'}"
        upgrade(url)
        self.database = Database(url)
        some = shipped_references()[::30][:10]
        with self.database.transaction() as session:
            references.add(session, [NewReference(r.name, r.data) for r in some])
            outbox.subscribe(session, [Channel.WEBHOOK])
        install_shipped(self.database)
        self.settings = Settings(
            _env_file=None,
            home=folder / "home",
            database_url=url,
            broker_url=f"redis://127.0.0.1:{self.wire.port}/0",
            roots=(str(self.pictures),),
            picture_timeout=15,
            max_pixels=10_000_000,
            chunk_timeout=60,
            lease_seconds=lease,
            sweep_seconds=sweep,
            chunk_size=16,
            threads=1,
            # Runs of many chunks, which wait for nobody's word.
            rescore_chunk_size=20,
            rescore_guard=1,
            quarantine_minimum=10**6,
        )
        self.app = create_app(self.settings)
        self.expected: dict[str, FailureCode | None] = {}
        self.digests: dict[str, str] = {}
        self.reviews: list[tuple[int, str]] = []
        self.runs = 0
        self._made = 0
        self.http = HttpDoor(folder, self.environment, self.database) if door == "http" else None
        self.workers = [Worker(self, number) for number in range(2)]

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.settings) | {"FAULTS_FOLDER": str(self.trips)}

    def make(self, count: int, tail: bytes = b"") -> list[NewUpload]:
        """So many uploads; one in ten is broken, one in ten absent, the others sound and new."""
        items = []
        for _ in range(count):
            number, self._made = self._made, self._made + 1
            path = self.pictures / f"{number}.png"
            key = f"key {number}"
            items.append(NewUpload(key, str(path)))
            self.expected[key] = None
            if tail:
                data = self._draw(number) + tail
                self.expected[key] = FailureCode.TIMEOUT if tail == HANGS else FailureCode.CRASHED
            elif number % 10 == 0:
                data, self.expected[key] = b"no picture", FailureCode.UNREADABLE
            elif number % 10 == 1:
                self.expected[key] = FailureCode.MISSING
                continue
            else:
                data = self._draw(number)
                self.digests[key] = sha256(data).hexdigest()
            path.write_bytes(data)
        return items

    def enqueue(self, items: list[NewUpload]) -> list[int]:
        """Take `items` in by the site's door; a broker that is away loses nothing."""
        lane = Lane(str(self.rng.choice(list(Lane))))
        if self.http:
            self.http.send(items, lane)
            keys = [item.key for item in items]
            with self.database.reading() as session:
                return list(session.scalars(select(Upload.id).where(Upload.key.in_(keys))))
        try:
            added = ingest_uploads(self.database, self.app, items, lane, self.settings.chunk_size)
        except BrokerUnreachableError as error:
            added = error.added  # type: ignore[attr-defined]
        return added.ids

    def send(self, items: list[NewUpload]) -> None:
        """Send `items` in one message as a backend does, which has nothing but the broker."""
        uploads = [{"key": item.key, "uri": item.uri} for item in items]
        self.app.send_task("nophoto.score", [uploads], queue="interactive")

    def count_open(self) -> int:
        """Uploads and runs that are not over, or of which only a message tells."""
        with self.database.reading() as session:
            over = select(func.count()).select_from(Upload).where(Upload.state.in_(_OVER))
            uploads = len(self.expected) - (session.scalar(over) or 0)
            under_way = select(func.count()).select_from(Run).where(Run.state.in_(OPEN))
            return uploads + (session.scalar(under_way) or 0)

    def rescore(self) -> None:
        """Ask for a rescoring of all that is judged, which is something by then."""
        wait_for(lambda: self.count_open() == 0, 60)
        request_rescore(self.database, self.app, RescoreParameters(), "faults")
        self.runs += 1

    def schedule_rescoring(self) -> dict[str, str]:
        """Make a rescoring due a minute ago, and return the settings by which it was."""
        due = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
        with self.database.transaction() as session:
            scheduled_runs.take(
                session, Job.RESCORE, due - timedelta(days=1), ScheduledRunOutcome.FIRST
            )
        self.runs += 1
        return {"NOPHOTO_RESCORE_AT": f"{due:%H:%M}", "NOPHOTO_PRUNE_AT": ""}

    def has_every_run(self) -> bool:
        with self.database.reading() as session:
            return (session.scalar(select(func.count()).select_from(Run)) or 0) >= self.runs

    def lay(self, stage: str, action: str) -> str:
        name = f"{stage}.{action}"
        (self.trips / name).touch()
        return name

    def taken_by(self, trip: str) -> int | None:
        """The process that took a trip."""
        for path in self.trips.glob(f"taken.{trip}.*"):
            return int(path.name.rpartition(".")[2])
        return None

    def clear_trips(self) -> None:
        for path in self.trips.iterdir():
            path.unlink()

    def review(self, ids: list[int]) -> None:
        """A moderator's word on `ids`."""
        with self.database.transaction() as session:
            made = reviews.decide(session, ids, Verdict.PLACEHOLDER, "faults").made
        self.reviews += [(decided.upload_id, decided.verdict) for decided in made]

    def change_references(self) -> None:
        data = self._draw(1_000_000 + len(self.expected))
        with self.database.transaction() as session:
            references.add(session, [NewReference("added meanwhile", data)])

    def change_model(self) -> None:
        """Let a copy of the shipped network, with another digest, judge from now on."""
        shipped = shipped_version()
        folder = self.folder / f"model-{len(self.expected)}"
        shutil.copytree(shipped.folder, folder)
        (folder / "manifest.json").unlink()
        (folder / "note.txt").write_text(str(folder))
        fields = shipped.manifest.model_dump(exclude={"id", "files"})
        version = write_manifest(folder, "copy", **fields)
        with self.database.transaction() as session:
            model_versions.register(session, registration(version, str(folder)))
            model_versions.activate(session, version.id)

    def keys_of(self, ids: list[int]) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(Upload.key).where(Upload.id.in_(ids))))

    def in_hand(self) -> list[str]:
        """Keys of some uploads that workers hold now, and on which nobody has decided."""
        with self.database.reading() as session:
            held = select(Upload.key).where(
                Upload.state == UploadState.CLAIMED, Upload.reviewed.is_(None)
            )
            return list(session.scalars(held.order_by(Upload.id.desc()).limit(3)))

    def replace(self) -> None:
        """Send other pictures under the keys of uploads that are in hand."""
        items = []
        for key in self.in_hand():
            (item,) = self.make(1)
            number = self._made - 1
            self.expected[key] = self.expected.pop(item.key)
            self.digests.pop(key, None)
            if item.key in self.digests:
                self.digests[key] = self.digests.pop(item.key)
            items.append(NewUpload(key, item.uri, number))
        if items:  # what was in hand may be done by now
            self.enqueue(items)

    def erase(self) -> None:
        """Erase uploads that are in hand."""
        self.erase_all(self.in_hand())

    def erase_all(self, keys: list[str]) -> None:
        """Erase uploads by the site's door."""
        if self.http:
            for key in keys:
                self.http.erase(key)
        else:
            erase(self.database, self.settings, keys, by="faults")
        for key in keys:
            del self.expected[key]

    def erase_in_process(self, keys: list[str], lives: float) -> None:
        """Erase by a command that is killed after so many seconds, and then again by another."""
        command = [sys.executable, "-m", "nophoto.jobs.cli", "erase", *keys]
        known = {**os.environ, **self.environment}
        first = subprocess.Popen(
            command, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        sleep(lives)
        first.kill()
        first.wait(10)
        subprocess.run(command, env=known, check=False, capture_output=True, timeout=60)
        for key in keys:
            del self.expected[key]

    def stop(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()
        if self.http:
            self.http.kill()
        self.database.close()
        self.wire.refuse()
        self.valkey.stop()
        if self.postgres:
            self.postgres.stop()

    def _draw(self, number: int) -> bytes:
        if number % 2:
            image = draw(number, "silhouette", longest_side=64).image
        else:
            pixels = np.random.default_rng(number).integers(0, 256, (48, 48, 3), dtype=np.uint8)
            image = Image.fromarray(pixels)
        buffer = BytesIO()
        image.save(buffer, "PNG")
        # Silhouettes may repeat; bytes that no decoder reads make each a file of its own.
        return buffer.getvalue() + f" {number}".encode()


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    deadline = monotonic() + seconds
    while not condition():
        if monotonic() > deadline:
            return False
        sleep(0.1)
    return True
