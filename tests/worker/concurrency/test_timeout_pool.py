import threading
from collections.abc import Iterator
from time import sleep

import pytest

from nophoto.worker.concurrency.timeout_pool import TimedOut, TimeoutThreadPool


def collect(pool: TimeoutThreadPool, function: object, items: list[int]) -> dict[int, object]:
    return dict(pool.run(function, items))  # type: ignore[arg-type]


def test_gives_the_result_of_every_call_with_its_place() -> None:
    results = collect(TimeoutThreadPool(3, 5), lambda item: item * 2, list(range(50)))
    assert results == {item: item * 2 for item in range(50)}
    assert collect(TimeoutThreadPool(3, 5), lambda item: item, []) == {}


def test_gives_up_only_the_calls_that_hang() -> None:
    released = threading.Event()
    awaited = []

    def call(item: int) -> int:
        if item in (0, 1, 5) and not released.wait(20):
            awaited.append(item)
        return item

    pool = TimeoutThreadPool(2, 0.3)
    results = collect(pool, call, list(range(8)))
    released.set()
    assert not awaited
    hanging = {place for place, result in results.items() if isinstance(result, TimedOut)}
    assert hanging == {0, 1, 5}
    assert pool.stuck == 3
    assert {place: results[place] for place in (2, 3, 4, 6, 7)} == {2: 2, 3: 3, 4: 4, 6: 6, 7: 7}


def test_a_call_that_waits_long_for_its_turn_is_not_given_up() -> None:
    def call(item: int) -> int:
        sleep(0.1)
        return item

    assert collect(TimeoutThreadPool(1, 0.4), call, list(range(10))) == {n: n for n in range(10)}


def test_a_result_that_comes_too_late_is_not_told() -> None:
    def call(item: int) -> int:
        sleep(0.3 if item == 0 else 0.1)
        return item

    results = list(TimeoutThreadPool(1, 0.2).run(call, list(range(5))))
    assert sorted(place for place, _ in results) == list(range(5))
    assert isinstance(dict(results)[0], TimedOut)


def test_an_error_of_a_call_is_raised_and_ends_the_rest() -> None:
    called: list[int] = []

    def call(item: int) -> int:
        called.append(item)
        sleep(0.01)
        if item == 3:
            raise ZeroDivisionError
        return item

    with pytest.raises(ZeroDivisionError):
        collect(TimeoutThreadPool(1, 5), call, list(range(100)))
    sleep(0.1)
    assert len(called) < 100


def test_calls_go_on_while_their_results_are_not_awaited() -> None:
    called = threading.Semaphore(0)
    results = TimeoutThreadPool(2, 5).run(lambda _: called.release(), range(6))
    next(results)
    assert all(called.acquire(timeout=60) for _ in range(6))


def test_no_thread_is_idle_at_a_blocks_end() -> None:
    begun = threading.Event()

    def call(item: int) -> bool:
        if item == 3:
            begun.set()
        return begun.wait(5) if item == 2 else True

    answers = TimeoutThreadPool(2, 10).run_blocks(call, [[0, 1, 2], [], [3, 4]])
    assert dict(pair for some in answers for pair in some) == dict.fromkeys(range(5), True)


def test_a_block_is_asked_for_when_few_calls_wait() -> None:
    asked: list[int] = []

    def blocks() -> Iterator[list[int]]:
        for first in (0, 10, 20):
            asked.append(first)
            yield list(range(first, first + 10))

    answered = 0
    for some in TimeoutThreadPool(2, 5).run_blocks(lambda item: item, blocks()):
        answered += len(some)
        assert len(asked) <= 2 + answered // 10
    assert (answered, len(asked)) == (30, 3)
