"""Turns: bounded, fair between callers, and lost by nobody who is cancelled."""

import asyncio

import pytest

from nophoto.api.turns import FullError, Turns


def test_a_caller_with_many_requests_delays_another_by_one() -> None:
    served: list[str] = []

    async def work(turns: Turns, caller: str) -> None:
        async with turns.turn(caller):
            await asyncio.sleep(0.001)
            served.append(caller)

    async def main() -> None:
        turns = Turns(1, 100)
        many = [asyncio.create_task(work(turns, "many")) for _ in range(20)]
        await asyncio.sleep(0)
        await asyncio.gather(work(turns, "few"), *many)

    asyncio.run(main())
    assert served.index("few") <= 2
    assert len(served) == 21


def test_no_more_work_at_once_than_may() -> None:
    working, most, waited = 0, 0, []

    async def work(turns: Turns, caller: str) -> None:
        nonlocal working, most
        async with turns.turn(caller):
            working += 1
            most = max(most, working)
            await asyncio.sleep(0.001)
            working -= 1

    async def main() -> None:
        turns = Turns(3, 100, waited.append)
        await asyncio.gather(*(work(turns, str(n % 5)) for n in range(50)))

    asyncio.run(main())
    assert most == 3
    assert (max(waited), waited[-1]) == (47, 0)


def test_places_are_bounded_for_each_caller_and_for_all() -> None:
    turns = Turns(1, 1)
    with turns.place("a"), turns.place("a"):
        with pytest.raises(FullError), turns.place("a"):
            pass
        with turns.place("b"), turns.place("b"), turns.place("c"), turns.place("c"):  # noqa: SIM117
            with turns.place("d"), turns.place("d"), pytest.raises(FullError), turns.place("e"):
                pass
    with turns.place("a"):
        pass


@pytest.mark.parametrize("granted", [True, False])
def test_who_is_cancelled_keeps_no_turn(granted: bool) -> None:
    async def work(turns: Turns) -> None:
        async with turns.turn("a"):
            await asyncio.sleep(60)

    async def main() -> None:
        turns = Turns(1, 10)
        first, second = asyncio.create_task(work(turns)), asyncio.create_task(work(turns))
        await asyncio.sleep(0.01)
        # The first gives its turn to the second, which is cancelled before or after it gets it.
        (first if granted else second).cancel()
        if granted:
            await asyncio.sleep(0)
            second.cancel()
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.sleep(0.01)
        async with asyncio.timeout(1), turns.turn("b"):
            pass

    asyncio.run(main())
