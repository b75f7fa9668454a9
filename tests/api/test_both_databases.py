"""What the API asks of its database works on PostgreSQL and on SQLite."""

from nophoto.models.records.access import api_keys
from tests.api.serving import Served


def test_a_key_sends_reads_pages_and_sends_again(served: Served) -> None:
    uploads = [{"key": f"a/{n}", "uri": f"/{n}.jpg"} for n in range(7)]
    once = {"idempotency-key": "first"}
    with served.client(name="shop") as client:
        first = client.post("/v1/uploads", json=uploads, headers=once)
        again = client.post("/v1/uploads", json=uploads, headers=once)
        assert first.content == again.content
        assert client.post("/v1/uploads", json=uploads).json()["known"] == 7
        page = client.get("/v1/uploads", params={"limit": 5, "state": "queued"}).json()
        query = {"limit": 5, "state": "queued", "cursor": page["next"]}
        rest = client.get("/v1/uploads", params=query).json()
        keys = [item["key"] for item in page["items"] + rest["items"]]
        assert keys == [f"a/{n}" for n in reversed(range(7))]
        assert rest["next"] is None
        assert client.get("/v1/uploads/a%2F3/history").json()["uri"] == "/3.jpg"
        assert client.get("/v1/uploads/a%2F9").status_code == 404
    with served.context.database.reading() as session:
        (key,) = api_keys.list_all(session)
    assert key.last_used_at is not None
