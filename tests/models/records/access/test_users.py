import pytest

from nophoto.models.records.access import users
from nophoto.models.records.access.users import UnknownUserError, UserExistsError
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Role


def test_a_user_is_added_changed_and_removed(database: Database) -> None:
    with database.transaction() as session:
        users.add(session, "ann", "hash", Role.MODERATOR)
        users.change(session, "ann", role=Role.ENGINEER)
        users.change(session, "ann", password_hash="other")
    with database.reading() as session:
        (row,) = users.list_all(session)
        assert users.find(session, "ann") == row
        assert (row.name, row.role) == ("ann", Role.ENGINEER)
        assert users.password_hash(session, "ann") == "other"
    with database.transaction() as session:
        users.remove(session, "ann")
        assert users.find(session, "ann") is None
        assert users.password_hash(session, "ann") is None


def test_a_name_that_is_taken_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        users.add(session, "ann", "hash", Role.VIEWER)
        with pytest.raises(UserExistsError, match="nophoto users change ann"):
            users.add(session, "ann", "other", Role.ENGINEER)
        assert users.password_hash(session, "ann") == "hash"


def test_who_is_not_there_is_named(database: Database) -> None:
    with database.transaction() as session:
        for act in (users.remove, users.change):
            with pytest.raises(UnknownUserError, match="nobody"):
                act(session, "nobody")
