from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from nophoto.models.vision.pictures.gate import LARGE, LargeImageLock

LARGE_SIZE, SMALL_SIZE = (LARGE // 1000, 1000), (LARGE // 1000 - 1, 1000)


def test_large_pictures_go_in_one_at_a_time() -> None:
    gate, counting, inside, most = LargeImageLock(), Lock(), 0, 0

    def decode(_: int) -> None:
        nonlocal inside, most
        with gate.passing(LARGE_SIZE):
            with counting:
                inside += 1
                most = max(most, inside)
            Event().wait(0.002)
            with counting:
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decode, range(24)))
    assert most == 1


def test_small_ones_go_in_together_and_beside_a_large_one() -> None:
    gate, together = LargeImageLock(), Barrier(4)

    def decode(size: tuple[int, int]) -> None:
        with gate.passing(size):
            together.wait(timeout=60)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(decode, [LARGE_SIZE, SMALL_SIZE, SMALL_SIZE, SMALL_SIZE]))


def test_one_that_hangs_stops_no_other_for_good() -> None:
    gate, release, hanging = LargeImageLock(timeout=0.05), Event(), Event()

    def hang() -> None:
        with gate.passing(LARGE_SIZE):
            hanging.set()
            release.wait(timeout=60)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hang)
        assert hanging.wait(timeout=60)
        with gate.passing(LARGE_SIZE):
            pass
        release.set()
    with gate.passing(LARGE_SIZE):
        pass


def test_a_failure_inside_opens_the_gate_again() -> None:
    gate = LargeImageLock()
    with pytest.raises(OSError, match="cut short"), gate.passing(LARGE_SIZE):
        assert gate.turns.locked()
        raise OSError("cut short")
    assert not gate.turns.locked()
