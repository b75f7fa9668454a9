"""The example client against the server, and its types against the schema."""

from pathlib import Path

import pytest

from examples.client.generate import HERE, generate
from examples.client.nophoto import Client, ProblemError
from nophoto.models.vision.references import shipped_references
from tests.api.serving import Served


@pytest.fixture
def client(site: Served):
    with site.client() as keyed:
        client = Client(site.url, keyed.headers["authorization"].removeprefix("Bearer "))
    yield client
    client.close()


def test_a_platform_sends_asks_scores_and_erases(client: Client) -> None:
    taken = client.send([{"key": f"client/{n}", "uri": f"/{n}.jpg"} for n in range(5)])
    assert (taken["new"], taken["refused"]) == (5, 0)
    assert client.get("client/3")["uri"] == "/3.jpg"
    found = [each["key"] for each in client.find(key_prefix="client/", limit=2)]
    assert found == [f"client/{n}" for n in reversed(range(5))]
    tile = shipped_references()[0].data
    assert client.score(tile)["verdict"] == "placeholder"
    kept = client.score(tile, key="client/now", uri="/now.webp")
    assert (kept["verdict"], kept["kept"]) == ("placeholder", "new")
    assert client.appeal("client/now", "it is my logo", by="seller 7")["opened"]
    client.rejudge("client/3")
    client.erase("client/3")
    with pytest.raises(ProblemError) as raised:
        client.get("client/3")
    assert (raised.value.kind, raised.value.status) == ("not-found", 404)


def test_the_types_are_made_of_the_schema_as_it_is(site: Served, tmp_path: Path) -> None:
    made = tmp_path / "schema.py"
    generate(f"{site.url}/v1/openapi.json", made)
    assert made.read_text() == HERE.read_text(), (
        "make it again: python -m examples.client.generate http://127.0.0.1:8000/v1/openapi.json"
    )
