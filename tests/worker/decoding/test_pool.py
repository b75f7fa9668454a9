import gc
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import numpy as np
import psutil
import pytest
from PIL import Image

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.decoding import child
from nophoto.worker.decoding.child import DecoderError
from nophoto.worker.decoding.limits import DecodingLimits
from nophoto.worker.decoding.pool import Decoders, decoders_of
from nophoto.worker.settings import Settings
from tests.faults.decoder import CRASHES, HANGS, SWELLS

Draw = Callable[[int], bytes]

LIMITS = DecodingLimits(PictureLimits(), seconds=20, memory=2**30)


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding processes in which some pictures do what a broken decoder might."""
    program = Path(__file__).parents[2] / "faults/decoder.py"
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-P", str(program)))


@pytest.fixture
def children() -> Iterator[Callable[[], list[psutil.Process]]]:
    before = {child.pid for child in psutil.Process().children()}
    yield lambda: [c for c in psutil.Process().children() if c.pid not in before]


def failure_of(decoders: Decoders, data: bytes) -> PictureError:
    with pytest.raises(PictureError) as raised:
        decoders.load(data, 64)
    return raised.value


def test_gives_the_pixels_and_the_failures_of_the_loader(noise: Draw) -> None:
    decoders = Decoders(DecodingLimits(PictureLimits(max_pixels=10_000), 20, 2**30))
    for seed, size in ((1, 64), (2, 224), (3, 16)):
        np.testing.assert_array_equal(decoders.load(noise(seed), size), load(noise(seed), size))
    for data in (b"", b"text", noise(1)[:300], noise(1)[:20]):
        with pytest.raises(PictureError) as raised:
            load(data, 64)
        failure = failure_of(decoders, data)
        assert (failure.code, str(failure)) == (raised.value.code, str(raised.value))
    decoders = Decoders(DecodingLimits(PictureLimits(max_pixels=100), 20, 2**30))
    assert failure_of(decoders, noise(1)).code == FailureCode.TOO_LARGE


def test_a_copy_for_people_keeps_its_shape(noise: Draw) -> None:
    decoders = Decoders(LIMITS)
    with Image.open(BytesIO(noise(1))) as image:
        width, height = image.size
    for side in (8, max(width, height)):
        copy = decoders.small_copy(noise(1), side)
        assert max(copy.shape[:2]) == side
        assert abs(copy.shape[0] / copy.shape[1] - height / width) < 0.2
    # Never larger than it is.
    assert decoders.small_copy(noise(1), 4000).shape == (height, width, 3)
    with pytest.raises(PictureError):
        decoders.small_copy(b"text", 64)
    assert decoders.load(noise(1), 64).shape == (64, 64, 3)


def test_one_process_serves_one_thread_and_ends_with_its_owner(noise: Draw, children) -> None:
    decoders = Decoders(LIMITS)
    for seed in range(5):
        decoders.load(noise(seed), 64)
    (child,) = children()
    del decoders
    gc.collect()
    assert not child.is_running()


def test_processes_that_start_ahead_serve_whoever_asks_meanwhile(noise: Draw, children) -> None:
    decoders = Decoders(LIMITS)
    starting = Thread(target=decoders.start, args=(2,))
    starting.start()
    while not children():
        sleep(0.001)
    assert decoders.load(noise(1), 64).shape == (64, 64, 3)
    starting.join()
    decoders.start(2)
    assert len(children()) == 2


def test_starting_counts_the_processes_that_decode(hostile: None, noise: Draw, children) -> None:
    decoders = Decoders(DecodingLimits(PictureLimits(), seconds=2, memory=2**30))
    decoders.start()
    busy = Thread(target=lambda: failure_of(decoders, noise(1) + HANGS))
    busy.start()
    while decoders._idle:
        sleep(0.001)
    decoders.start(2)
    assert len(children()) == 2
    busy.join()
    # The one that hung has ended.
    decoders.start(2)
    assert len(children()) == 2


def test_a_crash_takes_nothing_with_it(hostile: None, noise: Draw) -> None:
    decoders = Decoders(LIMITS)
    outcomes: dict[int, object] = {}

    def decode(seed: int) -> None:
        try:
            outcomes[seed] = decoders.load(noise(seed) + CRASHES * (seed == 3), 64).shape
        except PictureError as error:
            outcomes[seed] = error.code

    threads = [Thread(target=decode, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected: dict[int, object] = dict.fromkeys(range(6), (64, 64, 3))
    assert outcomes == expected | {3: FailureCode.CRASHED}


def test_a_hang_that_holds_the_interpreter_ends_in_time(hostile: None, noise: Draw) -> None:
    decoders = Decoders(DecodingLimits(PictureLimits(), seconds=0.5, memory=2**30))
    assert failure_of(decoders, noise(1) + HANGS).code == FailureCode.TIMEOUT
    assert decoders.load(noise(1), 64).shape == (64, 64, 3)


def test_a_memory_bomb_ends_at_the_limit(hostile: None, noise: Draw, children) -> None:
    decoders = Decoders(DecodingLimits(PictureLimits(), seconds=20, memory=2**29))
    decoders.load(noise(1), 64)
    largest, done = 0, Event()

    def watch() -> None:
        nonlocal largest
        while not done.wait(0.005):
            with suppress(psutil.NoSuchProcess):
                # Until it runs a program of its own, a child has the memory of this process.
                own = [c for c in children() if child.COMMAND[-1] in c.cmdline()]
                largest = max([largest, *(child.memory_info().rss for child in own)])

    watcher = Thread(target=watch)
    watcher.start()
    assert failure_of(decoders, noise(1) + SWELLS).code == FailureCode.CRASHED
    done.set()
    watcher.join()
    assert 2**27 < largest < 2**29
    assert decoders.load(noise(1), 64).shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {"compress_level": 1}), ("TIFF", {"compression": "tiff_adobe_deflate"})],
)
def test_the_largest_pictures_keep_to_the_memory_or_are_too_large(
    kind: str, options: dict[str, object], noise: Draw, children
) -> None:
    """A hundred million pixels with transparency, in the mode of which most copies are made."""
    file = BytesIO()
    Image.new("LA", (10_000, 10_000)).save(file, kind, **options)
    decoders = decoders_of(Settings(_env_file=None))
    assert decoders.load(file.getvalue(), 64).shape == (64, 64, 3)
    (child,) = children()
    status = Path(f"/proc/{child.pid}/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]
    assert 2**28 < peak < 3 * 2**29

    decoders = Decoders(DecodingLimits(PictureLimits(), seconds=20, memory=2**29))
    decoders.load(noise(1), 64)
    before = children()
    failure = failure_of(decoders, file.getvalue())
    assert (failure.code, "NOPHOTO_MAX_PIXELS" in str(failure)) == (FailureCode.TOO_LARGE, True)
    assert decoders.load(noise(1), 64).shape == (64, 64, 3)
    assert children() == before


def test_a_process_that_somebody_else_ended_harms_no_picture(noise: Draw, children) -> None:
    decoders = Decoders(LIMITS)
    decoders.load(noise(1), 64)
    (child,) = children()
    child.kill()
    child.wait()
    assert decoders.load(noise(2), 64).shape == (64, 64, 3)


def test_says_so_where_no_process_starts(noise: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-c", "import no_such_module"))
    for attempt in (Decoders(LIMITS).start, lambda: Decoders(LIMITS).load(noise(1), 64)):
        with pytest.raises(DecoderError, match="with status 1"):
            attempt()


def test_holds_no_secret_and_is_the_first_to_go(
    noise: Draw, children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", "postgresql://user:secret@host/name")
    decoders = decoders_of(Settings(_env_file=None))
    decoders.load(noise(1), 64)
    (child,) = children()
    assert not [name for name in child.environ() if name != "PYTHONPATH"]
    assert not child.net_connections("inet")
    assert int(Path(f"/proc/{child.pid}/oom_score_adj").read_text()) > 0
    child.terminate()  # a stop signal may reach the processes as well
    child.send_signal(signal.SIGINT)
    sleep(0.1)
    assert child.is_running()
    decoders.load(noise(1), 64)
    assert [c.pid for c in children()] == [child.pid]


def test_ends_with_the_worker_that_is_killed(noise: Draw, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(noise(1))
    program = f"""
import os, signal, psutil
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings
decoders = decoders_of(Settings(_env_file=None))
decoders.load(open({str(tmp_path / "picture")!r}, "rb").read(), 64)
print(psutil.Process().children()[0].pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    deadline = monotonic() + 60
    while psutil.pid_exists(int(done.stdout)) and monotonic() < deadline:
        sleep(0.05)
    assert not psutil.pid_exists(int(done.stdout))


def test_a_turn_is_over_when_its_holder_dies(tmp_path: Path) -> None:
    from nophoto.worker.decoding.process import _Turns

    with (tmp_path / "turns").open("wb") as file:
        turns = _Turns(file.fileno())
        holder = os.fork()
        if not holder:
            turns.acquire(timeout=1)
            sleep(60)
        sleep(0.3)
        assert not turns.acquire(timeout=0.1)
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
        assert turns.acquire(timeout=1)
