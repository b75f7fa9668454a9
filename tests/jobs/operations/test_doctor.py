import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from nophoto.models.records import clock
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import outbox
from nophoto.models.records.scoring import claims
from nophoto.models.records.tables import Channel, Lane, Upload
from nophoto.worker.settings import Settings


@pytest.fixture
def ill(cli):
    """The parts that are not well, with their remedies."""

    def ill():
        result = cli("doctor", "--json")
        findings = json.loads(result.stdout)
        bad = {f["part"]: f["remedy"] for f in findings if not f["well"]}
        assert result.exit_code == (1 if bad else 0)
        return bad

    return ill


@pytest.fixture
def sound(installed, broker_url, tmp_path, monkeypatch):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    monkeypatch.setenv("NOPHOTO_ROOTS", str(tmp_path))
    return installed


def test_a_sound_system_is_well_in_every_part(cli, sound, ill):
    assert ill() == {}
    table = cli("doctor").stdout
    for part in (
        "database",
        "broker",
        "model version",
        "reference set",
        "roots",
        "clock",
        "disk",
        "leases",
    ):
        assert part in table


def test_a_new_home_is_ill_in_many_parts_and_each_has_a_remedy(ill, home):
    found = ill()
    assert "nophoto db upgrade" in found["database"]
    assert "nophoto up" in found["broker"]
    assert "NOPHOTO_ROOTS" in found["roots"]
    assert not (home / "nophoto.db").exists()


def test_a_channel_whose_receiver_is_gone_is_ill_until_it_is_opened(cli, sound, ill):
    with sound.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])
        outbox.close(session, Channel.WEBHOOK, "shop.example answers 410")
    assert "nophoto outbox open webhook" in ill()["outbox"]
    assert "is open again" in cli("outbox", "open", "webhook").stderr
    assert ill() == {}
    unknown = cli("outbox", "open", "webhook:search")
    assert unknown.exit_code == 1
    assert "Name one of: webhook" in unknown.stderr
    assert "was not closed" in cli("outbox", "open", "webhook").stderr


def test_a_changed_model_version_is_found(sound, ill):
    with sound.transaction() as session:
        session.connection().exec_driver_sql(f"UPDATE model_versions SET digest = '{'0' * 64}'")
    assert set(ill()) == {"model version"}


def test_an_absent_root_and_an_empty_set_are_found(cli, sound, ill, monkeypatch):
    monkeypatch.setenv("NOPHOTO_ROOTS", "/nowhere")
    ids = [row["id"] for row in json.loads(cli("references", "list", "--json").stdout)]
    cli("references", "retire", *ids)
    assert set(ill()) == {"roots", "reference set"}


def test_leases_that_passed_and_a_queue_that_stands_still_are_found(sound, ill):
    with sound.transaction() as session:
        ids = add_uploads(session, [NewUpload("a", "/a"), NewUpload("b", "/b")], Lane.BULK).ids
        claims.claim(session, ids[:1], Settings(_env_file=None).lease_seconds)
    assert ill() == {}
    with sound.transaction() as session:
        past = clock.now(session) - timedelta(hours=1)
        session.execute(update(Upload).where(Upload.id == ids[0]).values(lease_until=past))
    assert "nophoto worker" in ill()["leases"]
    with sound.transaction() as session:
        session.execute(update(Upload).values(created_at=past))
        claims.release(session, session.get_one(Upload, ids[0]).lease_token)
    assert "nophoto worker" in ill()["leases"]


def test_a_clock_that_is_apart_from_the_databases_is_found(sound, ill, monkeypatch):
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda session: now(session) - timedelta(seconds=7))
    found = ill()
    assert set(found) == {"clock"}
    assert "NTP" in found["clock"]


def test_a_disk_without_room_is_found_for_every_folder_that_grows(
    sound, ill, home, tmp_path, monkeypatch
):
    versions = tmp_path / "versions"
    versions.mkdir()
    monkeypatch.setenv("NOPHOTO_VERSIONS", str(versions))
    assert ill() == {}
    full = {versions}
    usage = shutil.disk_usage

    def fill(path):
        return usage(path)._replace(free=2**20) if Path(path) in full else usage(path)

    monkeypatch.setattr(shutil, "disk_usage", fill)
    assert ill() == {"disk": "Free some, or let NOPHOTO_VERSIONS name another place"}
    home.mkdir(exist_ok=True)
    full = {home}
    assert ill() == {"disk": "Free some, or let NOPHOTO_HOME name another place"}
