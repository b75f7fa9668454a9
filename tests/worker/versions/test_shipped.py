import pytest
from sqlalchemy import update

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.tables import ModelVersion
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import SHIPPED, shipped_version
from nophoto.worker.versions.shipped import install_shipped

OTHER = NewModelVersion(
    id="other-00000000",
    digest="0" * 64,
    backbone="resnet50",
    dimension=4,
    threshold=0.5,
    review_low=0.4,
    review_high=0.6,
    metrics={},
    location="elsewhere",
)


def activate_other(database: Database, location: str) -> None:
    with database.transaction() as session:
        model_versions.register(session, OTHER)
        model_versions.activate(session, OTHER.id)
        session.execute(update(ModelVersion).values(location=location))


def active(database: Database) -> str:
    with database.reading() as session:
        row = model_versions.active(session)
    assert row is not None
    return row.id


def test_a_new_database_gets_the_version_and_the_set(database: Database) -> None:
    install_shipped(database)
    with database.reading() as session:
        row = model_versions.active(session)
        members = references.active(session).members
    assert row is not None
    assert (row.id, row.digest, row.location) == (
        shipped_version().id,
        shipped_version().digest,
        SHIPPED,
    )
    assert {m.digest for m in members} == {r.digest for r in shipped_references()}


def test_a_second_time_changes_nothing(database: Database) -> None:
    install_shipped(database)
    with database.transaction() as session:
        retired = references.active(session).members[0].id
        references.retire(session, [retired])
    install_shipped(database)
    with database.reading() as session:
        now = references.active(session)
    assert now.version == 2
    assert retired not in {member.id for member in now.members}


def test_a_promoted_version_stays(database: Database) -> None:
    activate_other(database, "elsewhere")
    install_shipped(database)
    assert active(database) == OTHER.id


def test_the_version_that_an_earlier_nophoto_shipped_makes_room(database: Database) -> None:
    activate_other(database, SHIPPED)
    install_shipped(database)
    assert active(database) == shipped_version().id


@pytest.mark.parametrize("emptied", [True, False])
def test_a_set_that_somebody_changed_is_left_alone(database: Database, emptied: bool) -> None:
    with database.transaction() as session:
        added = references.add(session, [references.NewReference("own", b"own")]).added[0].id
        if emptied:
            references.retire(session, [added])
    install_shipped(database)
    with database.reading() as session:
        assert len(references.active(session).members) == (0 if emptied else 1)
