from collections.abc import Sequence

import pytest

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.rescoring import RescoreParameters, chunks
from nophoto.models.records.rescoring.chunks import (
    AT_ONCE,
    TO_COMPARE,
    TO_WRITE,
    WRITTEN,
    ClaimedChunk,
)
from nophoto.models.records.tables import RunKind

LEASE = 60.0


@pytest.fixture
def run_id(database: Database) -> int:
    """A run of a hundred chunks of ten uploads each."""
    with database.transaction() as session:
        run_id = runs.request(session, RunKind.RESCORE, RescoreParameters().as_dict(), "test")
        assert chunks.cut(session, run_id, 1, 1_000, 10) == 100
    return run_id


def claim(database: Database, run_id: int) -> list[ClaimedChunk]:
    with database.transaction() as session:
        return chunks.claim_to_compare(session, run_id, LEASE)


def compared(database: Database, run_id: int, changed: Sequence[int]) -> None:
    """Let the first chunks have been compared, with so many changes each, and no others be left."""
    with database.transaction() as session:
        for count in changed:
            (chunk,) = chunks.claim_to_compare(session, run_id, LEASE, at_once=1)
            assert chunks.take_step(session, chunk, TO_WRITE, {"changed": count})
        while rest := chunks.claim_to_compare(session, run_id, LEASE):
            assert chunks.take_step_together(session, rest, WRITTEN)


def numbers(claimed: Sequence[ClaimedChunk]) -> list[int]:
    return [chunk.number for chunk in claimed]


def test_some_chunks_are_compared_at_once_and_fewer_towards_the_end(
    database: Database, run_id: int
) -> None:
    sizes, seen = [], []
    while claimed := claim(database, run_id):
        sizes.append(len(claimed))
        seen += numbers(claimed)
    assert seen == list(range(100))
    assert sizes[0] == AT_ONCE
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-4:] == [1] * 4


def test_what_is_held_is_claimed_by_nobody_else_until_its_lease_has_passed(
    database: Database, run_id: int
) -> None:
    with database.transaction() as session:
        lapsed = chunks.claim_to_compare(session, run_id, -1.0)
    held = claim(database, run_id)
    assert numbers(held) == numbers(lapsed)
    with database.transaction() as session:
        assert not chunks.take_step_together(session, lapsed, TO_WRITE)
        assert not chunks.renew(session, lapsed, LEASE)
        assert chunks.renew(session, held, LEASE)
    assert not set(numbers(claim(database, run_id))) & set(numbers(held))


def test_chunks_that_were_not_begun_are_claimed_first_by_the_next(
    database: Database, run_id: int
) -> None:
    first, *rest = claim(database, run_id)
    with database.transaction() as session:
        assert chunks.take_step(session, first, TO_WRITE, {"changed": 1})
        assert chunks.release(session, rest)
    again = claim(database, run_id)
    assert numbers(again)[: len(rest)] == numbers(rest)
    assert {chunk.attempts for chunk in again} == {1}


def test_chunks_are_written_together_that_have_few_changes(database: Database, run_id: int) -> None:
    compared(database, run_id, [3, 4, 2, 9, 30, 1])
    written = []
    with database.transaction() as session:
        while claimed := chunks.claim_to_write(session, run_id, LEASE, changes=10):
            written.append(numbers(claimed))
    # The one with more changes than that is written alone.
    assert written == [[0, 1, 2], [3], [4], [5]]


def test_the_ids_of_neighbours_are_one_span(database: Database, run_id: int) -> None:
    compared(database, run_id, [1, 0, 1, 1, 1])
    with database.transaction() as session:
        claimed = chunks.claim_to_write(session, run_id, LEASE, changes=100)
    assert chunks.spans(claimed) == [(1, 50)]
    assert chunks.spans([claimed[3], claimed[0], claimed[4]]) == [(1, 10), (31, 50)]


def test_no_step_is_left_when_all_chunks_have_taken_it(database: Database, run_id: int) -> None:
    compared(database, run_id, [1])
    with database.transaction() as session:
        assert not chunks.is_left(session, run_id, TO_COMPARE)
        assert chunks.is_left(session, run_id, TO_WRITE)
        assert numbers(chunks.claim_to_write(session, run_id, LEASE, changes=10)) == [0]
        assert not chunks.claim_to_write(session, run_id, LEASE, changes=10)
        assert chunks.is_left(session, run_id, TO_WRITE)
