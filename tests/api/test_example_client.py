"""The example client against the server: its types are those of the schema."""

from typing import get_type_hints

import pytest

from examples.client.nophoto import Client, Item, ProblemError, Score, Standing, Taken, Upload
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
    client.rejudge("client/3")
    client.erase("client/3")
    with pytest.raises(ProblemError) as raised:
        client.get("client/3")
    assert (raised.value.kind, raised.value.status) == ("not-found", 404)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (Upload, "UploadIn"),
        (Item, "ItemView"),
        (Taken, "Taken"),
        (Standing, "UploadView"),
        (Score, "ScoreView"),
    ],
)
def test_the_types_are_those_of_the_schema(site: Served, typed: type, name: str) -> None:
    with site.anybody() as anybody:
        schema = anybody.get("/v1/openapi.json").json()["components"]["schemas"][name]
    assert {*get_type_hints(typed)} <= {*schema["properties"]}
    if name != "UploadView":  # of which it has some
        assert {*get_type_hints(typed)} == {*schema["properties"]}
