from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.references import ActiveSet, NewReference, UnknownReferenceError
from nophoto.models.records.tables import (
    Reference,
    ReferenceOrigin,
    ReferenceSetChange,
    ReferenceSetVersion,
    ReferenceState,
    SetChange,
)


def add(database: Database, *pictures: bytes) -> list[int]:
    with database.transaction() as session:
        new = [NewReference(picture.decode(), picture) for picture in pictures]
        ids = {member.name: member.id for member in references.add(session, new).added}
    return [ids[picture.decode()] for picture in pictures]


def test_before_the_first_change_the_set_is_empty_and_its_version_0(database: Database) -> None:
    with database.reading() as session:
        assert references.active(session) == ActiveSet(0, [])
        assert references.current_version(session) == 0
        assert references.set_at(session, 0) == ActiveSet(0, [])


def test_many_pictures_added_together_are_one_version(database: Database) -> None:
    ids = add(database, b"one", b"two", b"three")
    with database.reading() as session:
        active = references.active(session)
        assert references.picture(session, ids[1]) == b"two"
        version = session.scalars(select(ReferenceSetVersion)).one()
    assert active.version == 1
    assert {(m.id, m.name, m.digest) for m in active.members} == {
        (reference_id, name.decode(), sha256(name).hexdigest())
        for reference_id, name in zip(ids, [b"one", b"two", b"three"], strict=True)
    }
    assert (version.change, version.reference_count) == (SetChange.ADDED, 3)


def test_a_picture_that_the_set_has_makes_no_version(database: Database) -> None:
    (reference_id,) = add(database, b"one")
    with database.transaction() as session:
        result = references.add(session, [NewReference("renamed", b"one")] * 2)
        assert (result.added, result.retired) == ([], [])
        assert [(m.id, m.name) for m in result.known] == [(reference_id, "one")]
        assert references.add(session, []).added == []
        assert references.current_version(session) == 1


def test_a_retired_picture_that_is_added_again_stays_retired(database: Database) -> None:
    (reference_id,) = add(database, b"one")
    with database.transaction() as session:
        references.retire(session, [reference_id])
        result = references.add(session, [NewReference("one", b"one")])
        assert [m.id for m in result.retired] == [reference_id]
        assert references.active(session) == ActiveSet(2, [], [], result.retired)


def test_retiring_what_is_retired_and_restoring_what_is_active_change_nothing(
    database: Database,
) -> None:
    first, second = add(database, b"one", b"two")
    with database.transaction() as session:
        assert references.retire(session, [first]) == [first]
        assert references.retire(session, [first, second]) == [second]
        assert references.retire(session, [first, second]) == []
        assert references.restore(session, [first]) == [first]
        assert references.restore(session, [first]) == []
        assert references.current_version(session) == 4


def test_a_quarantined_reference_stays_compared_apart_from_the_members(
    database: Database,
) -> None:
    first, second = add(database, b"one", b"two")
    with database.transaction() as session:
        assert references.quarantine(session, [first], by="ann") == [first]
        assert references.quarantine(session, [first]) == []
        active = references.active(session)
        assert ([m.id for m in active.members], [m.id for m in active.quarantined]) == (
            [second],
            [first],
        )
        assert references.set_at(session, active.version) == active
        again = references.add(session, [NewReference("one", b"one")])
        assert [m.id for m in again.quarantined] == [first]
        row = next(row for row in references.list_all(session) if row.id == first)
        assert (row.state, row.retired_at, row.changed_by) == (
            ReferenceState.QUARANTINED,
            None,
            "ann",
        )
        assert row.changed_at >= row.created_at
        # From there it goes either way.
        assert references.restore(session, [first], by="bob") == [first]
        assert references.active(session) == ActiveSet(3, references.set_at(session, 1).members)
        references.quarantine(session, [first])
        assert references.retire(session, [first]) == [first]
        assert references.active(session).quarantined == []
        changes = session.execute(
            select(ReferenceSetVersion.by, ReferenceSetVersion.reference_count).order_by(
                ReferenceSetVersion.version
            )
        )
        assert [tuple(row) for row in changes] == [
            ("", 2),
            ("ann", 1),
            ("bob", 2),
            ("", 1),
            ("", 1),
        ]


CHANGES = [references.quarantine, references.retire, references.restore]


@pytest.mark.parametrize("change", CHANGES)
def test_an_unknown_id_is_named_and_nothing_changes(database: Database, change) -> None:  # type: ignore[no-untyped-def]
    (reference_id,) = add(database, b"one")
    with (
        pytest.raises(UnknownReferenceError, match="999"),
        database.transaction() as session,
    ):
        change(session, [reference_id, 999])
    with database.reading() as session:
        assert references.current_version(session) == 1
        with pytest.raises(UnknownReferenceError, match="999"):
            references.picture(session, 999)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["add", *CHANGES]), st.sets(st.integers(0, 4))),
        max_size=8,
    )
)
def test_the_members_of_every_past_version_can_be_told(
    database: Database, steps: list[tuple[Any, set[int]]]
) -> None:
    with database.transaction() as session:
        for table in (ReferenceSetChange, ReferenceSetVersion, Reference):
            session.execute(delete(table))
        seen = {0: references.active(session)}
        for step, numbers in steps:
            ids = {row.name: row.id for row in references.list_all(session)}
            known = [ids[str(number)] for number in numbers if str(number) in ids]
            if step == "add":
                pictures = [NewReference(str(number), b"%d" % number) for number in numbers]
                references.add(session, pictures)
            else:
                step(session, known)
            active = references.active(session)
            seen.setdefault(active.version, active)
            assert seen[active.version] == active
        assert sorted(seen) == list(range(len(seen)))
        for version, active in seen.items():
            assert references.set_at(session, version) == active


def test_changes_at_once_each_get_a_version_of_their_own(database: Database) -> None:
    (shared,) = add(database, b"shared")

    def change(number: int) -> None:
        with database.transaction() as session:
            pictures = [NewReference(name, name.encode()) for name in (f"{number}", "common")]
            references.add(session, pictures)
            references.retire(session, [shared])
            references.restore(session, [shared])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(change, range(8)))
    with database.reading() as session:
        versions = session.scalars(
            select(ReferenceSetVersion).order_by(ReferenceSetVersion.version)
        ).all()
        assert [version.version for version in versions] == list(range(1, 26))
        for version in versions:
            members = references.set_at(session, version.version).members
            assert len(members) == version.reference_count
        active = references.active(session)
        assert references.set_at(session, active.version) == active


def test_a_list_shows_retired_references_too(database: Database) -> None:
    with database.transaction() as session:
        shipped = NewReference("shipped\0", b"shipped", ReferenceOrigin.SHIPPED, "a note")
        reference_id = references.add(session, [shipped]).added[0].id
        references.retire(session, [reference_id])
        (row,) = references.list_all(session)
    assert (row.name, row.origin, row.state) == (
        "shipped\\0",
        ReferenceOrigin.SHIPPED,
        ReferenceState.RETIRED,
    )
    assert row.retired_at is not None
    assert (row.note, row.matches) == ("a note", 0)
