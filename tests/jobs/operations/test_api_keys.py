import json

import pytest

from nophoto.jobs.operations.api_keys import ApiKeyError, add_key, digest_of
from nophoto.models.records.access import api_keys
from nophoto.models.records.tables import Scope


def test_keys_are_added_listed_and_revoked(cli, installed):
    made = cli("keys", "add", "shop", "--scope", "uploads:write", "--scope", "score", "--json")
    told = json.loads(made.stdout)
    assert told["secret"].startswith(told["prefix"])
    (listed,) = json.loads(cli("keys", "list", "--json").stdout)
    assert (listed["name"], listed["scopes"]) == ("shop", ["score", "uploads:write"])
    assert "secret" not in listed
    with installed.reading() as session:
        assert api_keys.find(session, digest_of(told["secret"])).is_usable
    assert cli("keys", "revoke", "shop").exit_code == 0
    assert json.loads(cli("keys", "list", "--json").stdout) == []
    (revoked,) = json.loads(cli("keys", "list", "--all", "--json").stdout)
    assert revoked["revoked_at"]
    assert "was revoked before" in cli("keys", "revoke", "shop").stderr
    # The audit names it: no other key may have its name.
    again = cli("keys", "add", "shop", "--scope", "score")
    assert (again.exit_code, "another name" in again.stderr) == (1, True)


def test_the_secret_alone_is_on_stdout(cli, upgraded):
    done = cli("keys", "add", "shop", "--scope", "all", "--days", "30")
    with upgraded.reading() as session:
        row = api_keys.find(session, digest_of(done.stdout.strip()))
    assert row.scopes == {*Scope}
    assert row.expires_at is not None


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["shop"], "--scope"),
        (["shop", "--scope", "uploads"], "uploads:read"),
        (["Shop!", "--scope", "score"], "small letters"),
        (["shop", "--scope", "score", "--days", "-1"], "more than 0"),
        (["shop", "--scope", "score", "--rate", "often"], "100/second"),
    ],
)
def test_what_cannot_be_a_key_is_refused_with_a_remedy(cli, upgraded, arguments, remedy):
    refused = cli("keys", "add", *arguments)
    assert (refused.exit_code, remedy in refused.stderr) == (1, True)


def test_an_unknown_key_cannot_be_revoked(cli, upgraded):
    refused = cli("keys", "revoke", "nobody")
    assert (refused.exit_code, "nophoto keys list" in refused.stderr) == (1, True)


def test_no_two_secrets_are_alike(upgraded):
    made = {add_key(upgraded, f"k{n}", [Scope.SCORE], by="x").secret for n in range(20)}
    assert len(made) == 20
    with pytest.raises(ApiKeyError):
        add_key(upgraded, "none", [], by="x")
