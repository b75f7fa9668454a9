"""An installation on six hosts: database, broker, two workers, a backend and an administrator."""

import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import Event, Lock
from time import sleep

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from benchmarks.hosts.network import NoNamespacesError
from benchmarks.hosts.site import Site
from nophoto.models.records.outcomes import results
from nophoto.models.records.tables import Score, Upload, UploadState

OLD = "d3dbddedd27206d3506378f3caf501b6054dd6d6"
"""The last commit at revision 0002 of the tables."""


def make_pictures(folder: Path, first: int, count: int) -> None:
    for number in range(first, first + count):
        pixels = np.random.default_rng(number).integers(0, 256, (60, 80, 3), dtype=np.uint8)
        buffer = BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        (folder / f"{number:04}.png").write_bytes(buffer.getvalue())


def states_of(site: Site) -> Counter[UploadState]:
    with site.database.reading() as session:
        return Counter(row.state for row in results.find(session))


def all_judged(site: Site, count: int) -> bool:
    return states_of(site) == {UploadState.JUDGED: count}


def assert_each_once(site: Site, count: int) -> None:
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == count
        assert session.scalar(select(func.count()).select_from(Score)) == count
        assert session.scalar(select(func.count(func.distinct(Score.upload_id)))) == count


@pytest.mark.slow
def test_a_worker_host_that_is_cut_off_and_healed_loses_and_doubles_nothing(site: Site) -> None:
    site.run("backend", "db", "upgrade")
    for worker in ("worker-1", "worker-2"):
        site.start(worker, "worker")
        site.wait_for_line(worker, "judging by")
    make_pictures(site.pictures, 0, 160)
    site.run("backend", "enqueue", str(site.pictures))
    site.wait(lambda: states_of(site)[UploadState.JUDGED])
    site.hosts["worker-1"].cut()
    site.wait(lambda: all_judged(site, 160))
    site.hosts["worker-1"].heal()

    # Healed, it works again, alone if need be.
    site.hosts["worker-2"].cut()
    make_pictures(site.pictures, 1000, 16)
    site.run("backend", "enqueue", str(site.pictures))
    site.wait(lambda: all_judged(site, 176))
    assert_each_once(site, 176)


@pytest.mark.slow
def test_a_broker_whose_cable_is_loose_loses_nothing(site: Site) -> None:
    site.run("backend", "db", "upgrade")
    site.start("worker-1", "worker")
    site.wait_for_line("worker-1", "judging by")
    make_pictures(site.pictures, 0, 80)
    site.run("backend", "enqueue", str(site.pictures))
    for _ in range(5):
        site.hosts["broker"].cut()
        sleep(0.7)
        site.hosts["broker"].heal()
        sleep(0.5)
    site.wait(lambda: all_judged(site, 80))
    assert_each_once(site, 80)


@pytest.mark.slow
def test_a_broker_whose_link_is_slow_and_lossy_loses_nothing(site: Site) -> None:
    try:
        site.hosts["broker"].impair("delay", "80ms", "20ms", "loss", "5%")
    except NoNamespacesError as error:
        pytest.skip(f"NO SLOW AND LOSSY LINK HERE: {error}")
    site.run("backend", "db", "upgrade")
    site.start("worker-1", "worker")
    make_pictures(site.pictures, 0, 80)
    site.run("backend", "enqueue", str(site.pictures))
    site.wait(lambda: all_judged(site, 80))
    assert_each_once(site, 80)


def send(site: Site, first: int, count: int) -> None:
    """Send uploads as a backend does that imports nothing of ours: the format is a promise."""
    items = [
        {"key": f"sent {number}", "uri": str(site.pictures / f"{number:04}.png")}
        for number in range(first, first + count)
    ]
    make_pictures(site.pictures, first, count)
    broker = f"redis://{site.hosts['broker'].address}:6379/0"
    program = (
        "from celery import Celery\n"
        f"Celery(broker={broker!r}).send_task('nophoto.score', [{items!r}], ignore_result=True)"
    )
    process = site.hosts["backend"].start([sys.executable, "-c", program], site.log("backend"))
    assert process.wait(60) == 0, site.log("backend").read_text()


@pytest.fixture
def old_release(tmp_path: Path) -> Path:
    """The source of the release before, out of the history."""
    root = Path(__file__).parents[2]
    if not shutil.which("git"):
        pytest.skip("NO GIT HERE, an upgrade from the release before is not tried")
    archive = subprocess.run(["git", "archive", OLD], cwd=root, capture_output=True)
    if archive.returncode != 0:
        reason = archive.stderr.decode(errors="replace").strip()
        pytest.skip(f"NO HISTORY HERE, an upgrade from the release before is not tried: {reason}")
    folder = tmp_path / "old"
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


def enqueue(site: Site, first: int, count: int, source: Path | None = None) -> None:
    """Enqueue uploads by the command of a release."""
    make_pictures(site.pictures, first, count)
    files = [str(site.pictures / f"{number:04}.png") for number in range(first, first + count)]
    site.run("backend", "enqueue", *files, source=source)


class Traffic:
    """Uploads without a pause while an upgrade takes its steps, by one way or another.

    Attributes:
        count: how many were sent.
    """

    def __init__(self, site: Site, way: Callable[[Site, int, int], None]) -> None:
        self.count = 0
        self._site = site
        self._way = way
        self._sending = Lock()
        self._ended = Event()

    def flow(self) -> None:
        while not self._ended.wait(0.2):
            with self._sending:
                self._way(self._site, self.count, 8)
                self.count += 8

    def turn_to(self, way: Callable[[Site, int, int], None]) -> None:
        """Go on by this way; nothing is being sent by the one before."""
        with self._sending:
            self._way = way

    def wait_for_more(self) -> None:
        """Wait until uploads were sent that were not there before."""
        count = self.count
        self._site.wait(lambda: self.count >= count + 24 or self._ended.is_set())

    def end(self) -> None:
        self._ended.set()


@contextmanager
def traffic(site: Site, way: Callable[[Site, int, int], None]) -> Iterator[Traffic]:
    """Traffic while the block runs."""
    found = Traffic(site, way)
    with ThreadPoolExecutor(1) as pool:
        flowing = pool.submit(found.flow)
        flowing.add_done_callback(lambda _: found.end())
        try:
            yield found
        finally:
            found.end()
        flowing.result()


def scores(site: Site) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Score)) or 0


@pytest.mark.slow
def test_a_rolling_upgrade_with_traffic_flowing(site: Site, old_release: Path) -> None:
    site.run("backend", "db", "upgrade", source=old_release)
    site.start("worker-1", "worker", source=old_release)
    site.wait_for_line("worker-1", "judging by")
    with traffic(site, partial(enqueue, source=old_release)) as flow:
        site.wait(lambda: scores(site) >= 16)

        # The tables first, while the old worker works. The old command would not know them, so
        # that a backend's own messages come in meanwhile.
        flow.turn_to(send)
        site.run("admin", "db", "upgrade")
        flow.wait_for_more()

        # Then the workers, one beside the other; messages may come to either.
        site.start("worker-2", "worker")
        site.wait_for_line("worker-2", "judging by")
        flow.turn_to(enqueue)
        flow.wait_for_more()
        site.hosts["worker-1"].cut()
        flow.wait_for_more()
    site.wait(lambda: all_judged(site, flow.count))
    assert_each_once(site, flow.count)
