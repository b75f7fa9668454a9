"""Logging in by a firm's provider, and sessions that outlive a console."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from nophoto.console.auth.sessions import COOKIE
from nophoto.models.records import collections
from nophoto.models.records.access import users
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.tables import Role
from nophoto.worker.settings import Settings
from tests.console.auth.provider import Provider, provider
from tests.console.serving import PASSWORD, Served, serving

ANN = {"email": "ann@shop.example", "groups": ["staff", "mods"]}


@pytest.fixture(scope="module")
def firm() -> Iterator[Provider]:
    with provider() as firm:
        yield firm


@pytest.fixture(scope="module")
def served(firm: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(
        tmp_path_factory.mktemp("oidc"),
        oidc_issuer=firm.url,
        oidc_client_id="console",
        oidc_client_secret="a secret",
        oidc_roles={"mods": "moderator", "ml": "engineer", "look": "viewer"},
        oidc_collections={"shoe people": "shoes", "hat people": "hats", "ghosts": "gone"},
    ) as served:
        with served.database.transaction() as session:
            for name in ("shoes", "hats"):
                collections.add(session, CollectionRow(name), by="test")
        yield served


@pytest.fixture(autouse=True)
def reset(firm: Provider) -> None:
    firm.claims, firm.ahead = dict(ANN), 0.0


def log_in(visitor: httpx.Client, path: str = "/en/review") -> httpx.Response:
    """Follow the way out to the provider and back, and no further."""
    out = visitor.get("/login/oidc", params={"next": path})
    assert out.status_code == 303, out.text
    back = httpx.get(out.headers["location"], timeout=60)
    return visitor.get(back.headers["location"])


def role_of(served: Served, name: str) -> Role | None:
    with served.database.reading() as session:
        found = users.find(session, name)
    return found and found.role


def test_groups_give_a_role_and_lead_to_the_page(served: Served, firm: Provider) -> None:
    with served.visitor() as visitor:
        assert "/login/oidc?next=" in visitor.get("/login").text
        answer = log_in(visitor)
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/review")
        assert visitor.get("/pictures/reference/1").status_code == 200
    assert role_of(served, "ann@shop.example") == Role.MODERATOR
    firm.claims["groups"] = ["ml", "mods"]
    with served.visitor() as visitor:
        log_in(visitor)
    assert role_of(served, "ann@shop.example") == Role.ENGINEER, "the highest one counts"


@pytest.mark.parametrize("groups", [[], ["staff"], None, [["mods"]]])
def test_who_is_in_no_mapped_group_is_refused(served: Served, firm: Provider, groups) -> None:
    firm.claims |= {"email": "eve@shop.example", "groups": groups or []}
    with served.visitor() as visitor:
        answer = log_in(visitor)
        assert answer.status_code == 403
        assert "Your groups do not let you in" in answer.text
        assert visitor.get("/pictures/reference/1").status_code == 401
    assert role_of(served, "eve@shop.example") is None


@pytest.mark.parametrize(
    ("groups", "role", "collection"),
    [
        (["mods", "shoe people"], Role.MODERATOR, "shoes"),
        (["ml", "shoe people"], Role.MODERATOR, "shoes"),
        (["look", "hat people", "hat people"], Role.VIEWER, "hats"),
        (["mods", "others"], Role.MODERATOR, None),
    ],
)
def test_groups_give_a_collection_with_each_login(
    served: Served, firm: Provider, groups: list[str], role: Role, collection: str | None
) -> None:
    firm.claims |= {"email": "sue@shop.example", "groups": groups}
    with served.visitor() as visitor:
        assert log_in(visitor).status_code == 303
    with served.database.reading() as session:
        sue = users.find(session, "sue@shop.example")
    assert sue is not None
    assert (sue.role, sue.collection) == (role, collection)


@pytest.mark.parametrize(
    "groups",
    [["mods", "shoe people", "hat people"], ["shoe people"], ["mods", "ghosts"]],
    ids=["two collections", "no role", "an unknown collection"],
)
def test_groups_that_leave_a_collection_open_let_nobody_in(
    served: Served, firm: Provider, groups: list[str]
) -> None:
    firm.claims |= {"email": "tom@shop.example", "groups": groups}
    with served.visitor() as visitor:
        answer = log_in(visitor)
        assert answer.status_code == 403
        assert "Your groups do not let you in" in answer.text
    assert role_of(served, "tom@shop.example") is None


def test_an_answer_counts_once_and_in_the_browser_that_asked(served: Served) -> None:
    with served.visitor() as visitor, served.visitor() as other:
        out = visitor.get("/login/oidc")
        back = httpx.get(out.headers["location"], timeout=60).headers["location"]
        assert other.get(back).status_code == 403, "another browser"
        state = parse_qs(urlsplit(out.headers["location"]).query)["state"][0]
        assert visitor.get(back).status_code == 303
        visitor.cookies.set("nophoto-login", state, path="/login")
        assert visitor.get(back).status_code == 403, "a replay"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"aud": "another console"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_000_000_000},
        {"email": None},
        {"email_verified": False},
        {"email": "a\nb"},
    ],
)
def test_a_word_that_does_not_hold_lets_nobody_in(served: Served, firm: Provider, wrong) -> None:
    firm.claims |= wrong
    with served.visitor() as visitor:
        assert log_in(visitor).status_code == 403
        assert visitor.cookies.get(COOKIE) is None


def test_clocks_may_differ_by_a_minute(served: Served, firm: Provider) -> None:
    with served.visitor() as visitor:
        firm.ahead = 45
        assert log_in(visitor).status_code == 303
    with served.visitor() as visitor:
        firm.ahead = 600
        assert log_in(visitor).status_code == 403


def test_a_provider_takes_over_no_local_user(served: Served, firm: Provider) -> None:
    firm.claims["email"] = "engineer"
    with served.visitor() as visitor:
        assert log_in(visitor).status_code == 403
    with served.log_in("engineer") as visitor:
        assert visitor.get("/pictures/reference/1").status_code == 200
    # And a vouched one has no password.
    for password in ("", "nobody's password"):
        with served.visitor() as visitor:
            data = {"name": "ann@shop.example", "password": password}
            assert visitor.post("/login", data=data).status_code == 401


def test_a_provider_that_is_away_leaves_the_local_login(tmp_path) -> None:
    with (
        serving(
            tmp_path,
            oidc_issuer="http://127.0.0.1:1",
            oidc_client_id="console",
            oidc_client_secret="a secret",
        ) as served,
        served.visitor() as visitor,
    ):
        answer = visitor.get("/login/oidc")
        assert answer.status_code == 503
        assert "does not answer" in answer.text
        with served.log_in("viewer", PASSWORD) as logged_in:
            assert logged_in.get("/pictures/reference/1").status_code == 200


def test_a_session_is_known_to_other_consoles_and_after_a_restart(served: Served) -> None:
    with served.visitor() as visitor:
        log_in(visitor)
        token = visitor.cookies.get(COOKIE)
        from nophoto.console.server import create_console

        other = create_console(served.settings, login=True, now=served.clock)
        transport = httpx.ASGITransport(other)
        import asyncio

        async def ask(cookies: dict[str, str]) -> int:
            async with httpx.AsyncClient(
                transport=transport, base_url=served.url, cookies=cookies
            ) as client:
                return (await client.get("/pictures/reference/1")).status_code

        assert asyncio.run(ask({COOKIE: token})) == 200
        assert asyncio.run(ask({COOKIE: "another"})) == 401
        visitor.post("/logout")
        served.clock.added += 3
        assert asyncio.run(ask({COOKIE: token})) == 401


def test_half_a_provider_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="CLIENT_SECRET"):
        Settings(_env_file=None, oidc_issuer="https://login.example.com")
    with pytest.raises(ValidationError, match="https"):
        Settings(_env_file=None, oidc_issuer="http://login.example.com")
    with pytest.raises(ValidationError, match="JSON"):
        Settings(_env_file=None, oidc_roles="mods=moderator")
