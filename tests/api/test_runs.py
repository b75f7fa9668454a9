"""Runs and model versions by HTTP."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from nophoto.jobs.versions.promotion import import_version
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.api.serving import Served, serving
from tests.parts import blind_version

PROBLEM = "application/problem+json"


def test_a_rescoring_is_asked_for_once_followed_and_cancelled(site: Served) -> None:
    app = create_app(site.context.settings)
    with site.client(name="engineer") as client:
        before = waiting(app, "bulk")
        asked = client.post(
            "/v1/runs/rescore",
            json={"filters": {"verdict": "placeholder", "since": "2026-01-01T00:00:00Z"}},
        )
        assert (asked.status_code, asked.json()["published"]) == (202, True)
        assert waiting(app, "bulk") == before + 1
        run_id = asked.json()["id"]
        second = client.post("/v1/runs/rescore", json={})
        assert (second.status_code, second.headers["content-type"]) == (409, PROBLEM)
        told = client.get(f"/v1/runs/{run_id}").json()
        assert (told["kind"], told["state"], told["requested_by"]) == (
            "rescore",
            "queued",
            "key:engineer",
        )
        assert told["parameters"]["filters"]["verdict"] == "placeholder"
        assert client.post(f"/v1/runs/{run_id}/pause").json()["state"] == "paused"
        assert client.post(f"/v1/runs/{run_id}/resume").json()["state"] == "queued"
        assert client.post(f"/v1/runs/{run_id}/cancel").json()["state"] == "cancelled"
        ended = client.post(f"/v1/runs/{run_id}/cancel")
        assert (ended.status_code, ended.headers["content-type"]) == (409, PROBLEM)
        for path in ("", "/cancel", "/pause", "/resume"):
            method = client.post if path else client.get
            assert method(f"/v1/runs/999999{path}").status_code == 404


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_dry_rescoring_by_another_version_tells_what_it_would_change_and_writes_nothing(
    database: Database, made_settings: Callable[..., Settings], pictures: Path, tmp_path: Path
) -> None:
    install_shipped(database)
    settings = made_settings()
    blind = blind_version(tmp_path / "blind")
    import_version(database, settings, blind.folder)
    with serving(settings) as served, served.client() as client:
        for reference in shipped_references()[:60:10]:
            # A changed copy: the shipped version claims it, and the other only what is equal.
            file = pictures / f"{reference.digest}.jpg"
            image = Image.open(BytesIO(reference.data)).convert("RGB")
            image.resize((230, 230)).save(file, quality=60)
            form = {"key": (None, reference.digest), "uri": (None, str(file))}
            kept = client.post("/v1/score", files=form).json()
            assert (kept["kept"], kept["verdict"]) == ("new", "placeholder")
        before = served.rows()

        for wanted, status in (
            ({"model": blind.id}, 422),  # it would write
            ({"model": "nothing-1", "dry_run": True}, 404),
            ({"model": 7, "dry_run": True}, 422),
        ):
            refused = client.post("/v1/runs/rescore", json=wanted)
            assert (refused.status_code, refused.headers["content-type"]) == (status, PROBLEM)
        assert client.get("/v1/runs").json()["items"] == []

        asked = client.post("/v1/runs/rescore", json={"model": blind.id, "dry_run": True})
        assert asked.status_code == 202, asked.text
        run_id = asked.json()["id"]
        while served.context.rescoring.step(run_id):  # as a worker does
            pass
        told = client.get(f"/v1/runs/{run_id}").json()
        assert (told["state"], told["parameters"]["model"]) == ("done", blind.id)
        assert told["result"]["model_version_id"] == blind.id
        assert (told["result"]["compared"], told["result"]["written"]) == (6, 0)
        assert told["result"]["to_real"] >= 3
        assert served.rows() == before
        still = client.post("/v1/score", files={"file": shipped_references()[0].data}).json()
        assert (still["verdict"], still["model_version_id"]) == (
            "placeholder",
            shipped_version().id,
        )


def test_runs_are_listed_page_by_page(site: Served) -> None:
    with site.client() as client:
        for _ in range(3):
            run_id = client.post("/v1/runs/rescore", json={"dry_run": True}).json()["id"]
            client.post(f"/v1/runs/{run_id}/cancel")
        page = client.get("/v1/runs", params={"limit": 2, "state": "cancelled"}).json()
        query = {"limit": 2, "state": "cancelled", "cursor": page["next"]}
        rest = client.get("/v1/runs", params=query).json()
        seen = [run["id"] for run in page["items"] + rest["items"]]
        assert seen == sorted(seen, reverse=True)
        assert len({*seen}) == len(seen) >= 3
        other = client.get("/v1/runs", params={"cursor": page["next"]})
        assert other.status_code == 422


def test_a_retraining_reads_only_below_the_roots(site: Served) -> None:
    root = site.context.settings.roots[0]
    with site.client() as client:
        for wanted in (
            {"real": ["/etc"]},
            {"real": ["/no/such/folder"]},
            {"held_out": f"{root}/../../etc"},
            {"recipe": {"epochs": "many"}},
            {"recipe": {"no-such-field": 1}},
            {"target": 2},
            {"activations": root},
        ):
            refused = client.post("/v1/runs/retrain", json=wanted)
            assert (refused.status_code, refused.headers["content-type"]) == (422, PROBLEM)
        outside = {
            client.post("/v1/runs/retrain", json={"real": [path]}).text
            for path in ("/etc", "/no/such/folder")
        }
        assert len(outside) == 1
        asked = client.post("/v1/runs/retrain", json={"real": [root]})
        assert asked.status_code == 202
        with site.context.database.reading() as session:
            assert runs.get(session, asked.json()["id"]).parameters["confined"]
        assert client.post(f"/v1/runs/{asked.json()['id']}/cancel").status_code == 200


def test_model_versions_are_listed_and_the_gate_answers(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site.context.settings
    # The promotion is a process of its own, under the settings of its environment.
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", settings.effective_database_url)
    monkeypatch.setenv("NOPHOTO_HOME", str(settings.home))
    shipped = shipped_version().id
    with site.client(name="engineer-2") as client:
        listed = client.get("/v1/model-versions").json()["items"]
        assert [version["id"] for version in listed] == [shipped]
        assert client.get("/v1/model-versions/active").json()["id"] == shipped
        promoted = client.post(f"/v1/model-versions/{shipped}/promote", json={})
        assert promoted.json()["replaced"] == shipped
        unknown = client.post("/v1/model-versions/lite0-00000000/promote", json={})
        assert (unknown.status_code, unknown.headers["content-type"]) == (404, PROBLEM)
        none = client.post("/v1/model-versions/rollback", json={"reason": "it finds less"})
        assert (none.status_code, none.headers["content-type"]) == (409, PROBLEM)
        assert "no model version judged before" in none.json()["detail"]
        forced = client.post(f"/v1/model-versions/{shipped}/promote", json={"force": True})
        assert (forced.status_code, "reason" in forced.json()["detail"]) == (409, True)
