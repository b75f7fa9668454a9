from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nophoto.models.records.database import Database
from nophoto.models.records.tables import PromotionKind
from nophoto.models.records.versions import model_versions, promotions
from nophoto.models.records.versions.model_versions import NewModelVersion, UnknownModelVersionError
from nophoto.models.records.versions.promotions import Decision

IDS = [f"lite0-{number:08x}" for number in range(4)]

PROMOTED = Decision()
ROLL_BACK = Decision(PromotionKind.ROLLED_BACK)


@pytest.fixture
def versions(database: Database, model: NewModelVersion) -> list[str]:
    """Registered versions, none of which judges yet beside the one of `model`."""
    with database.transaction() as session:
        for version_id in IDS:
            model_versions.register(session, replace(model, id=version_id))
    return [model.id, *IDS]


def activate(database: Database, version_id: str, decision: Decision = PROMOTED) -> None:
    with database.transaction() as session:
        model_versions.activate(session, version_id, decision)


def previous(database: Database) -> str | None:
    with database.reading() as session:
        return promotions.previous(session)


def test_every_change_is_kept_with_who_and_why(database: Database, versions: list[str]) -> None:
    gate = {"passed": False, "found": [0.9, 0.8]}
    decision = Decision(by="ada", reason="the old one misses\0 ours", forced=True, gate=gate)
    activate(database, versions[1], decision)
    activate(database, versions[1])  # judges already
    with database.reading() as session:
        newest, first = promotions.history(session)
        active = model_versions.active(session)
    assert active is not None
    assert active.id == versions[1]
    assert (first.model_version_id, first.replaced_id) == (versions[0], None)
    assert (newest.model_version_id, newest.replaced_id) == (versions[1], versions[0])
    assert (newest.by, newest.forced, newest.gate) == ("ada", True, gate)
    assert newest.reason == "the old one misses\\0 ours"
    assert newest.kind == PromotionKind.PROMOTED
    assert newest.at == active.promoted_at or newest.at > active.promoted_at


def test_what_is_not_registered_cannot_judge(database: Database, versions: list[str]) -> None:
    with pytest.raises(UnknownModelVersionError, match=r"lite0-ffffffff is not .*known: .*import"):
        activate(database, "lite0-ffffffff")
    with database.reading() as session, pytest.raises(UnknownModelVersionError):
        model_versions.get(session, "lite0-ffffffff")
    with database.reading() as session:
        assert model_versions.get(session, versions[2]).id == versions[2]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(0, 4) | st.just("back"), max_size=12))
def test_a_rollback_undoes_the_last_change_that_was_not_undone(
    database: Database, versions: list[str], steps: list[int | str]
) -> None:
    with database.transaction() as session:
        session.execute(promotions.Promotion.__table__.delete())
        session.execute(model_versions.ModelVersion.__table__.update().values(active=False))
        model_versions.activate(session, versions[0])
    judged = [versions[0]]
    for step in steps:
        target = previous(database)
        assert target == (judged[-2] if len(judged) > 1 else None)
        if step == "back":
            if target:
                activate(database, target, ROLL_BACK)
                judged.pop()
        elif versions[int(step)] != judged[-1]:
            activate(database, versions[int(step)])
            judged.append(versions[int(step)])
