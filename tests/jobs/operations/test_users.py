import json

import pytest

from nophoto.jobs.operations.users import UserError, add_user, check_password
from nophoto.models.records.access import users
from nophoto.models.records.tables import Role


def test_users_are_added_listed_changed_and_removed(cli, upgraded):
    added = cli("users", "add", "ann", "--role", "viewer", "--password-stdin", stdin="a long one\n")
    assert added.exit_code == 0
    again = cli("users", "add", "ann", "--password-stdin", stdin="another one\n")
    assert (again.exit_code, "nophoto users change ann" in again.stderr) == (1, True)
    assert cli("users", "change", "ann", "--role", "engineer").exit_code == 0
    (row,) = json.loads(cli("users", "list", "--json").stdout)
    assert (row["name"], row["role"]) == ("ann", "engineer")
    assert check_password(upgraded, "ann", "a long one").role == Role.ENGINEER
    assert cli("users", "change", "ann", "--password-stdin", stdin="a new one\n").exit_code == 0
    assert check_password(upgraded, "ann", "a long one") is None
    assert check_password(upgraded, "ann", "a new one")
    assert cli("users", "remove", "ann").exit_code == 0
    assert check_password(upgraded, "ann", "a new one") is None
    assert cli("users", "remove", "ann").exit_code == 1


def test_of_a_password_a_hash_is_kept_and_no_two_are_equal(upgraded, slow_passwords, monkeypatch):
    monkeypatch.setattr("nophoto.jobs.operations.users._hasher", slow_passwords)
    add_user(upgraded, "ann", "the same words", Role.VIEWER)
    add_user(upgraded, "bob", "the same words", Role.VIEWER)
    with upgraded.reading() as session:
        hashes = [users.password_hash(session, name) for name in ("ann", "bob")]
    # As RFC 9106 has it where memory is short; the other tests hash by less.
    assert all(each.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for each in hashes)
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize(
    ("name", "password"),
    [("", "long enough"), (" ann", "long enough"), ("a\nb", "long enough"), ("ann", "short")],
)
def test_names_and_passwords_that_cannot_be_taken(upgraded, name, password):
    with pytest.raises(UserError):
        add_user(upgraded, name, password, Role.VIEWER)
