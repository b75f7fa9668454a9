import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nophoto.jobs.configuration import describe, mask_secrets
from nophoto.worker.settings import Settings

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("redis://host:6379/0", "redis://host:6379/0"),
        (f"redis://:{SECRET}@host/0", "redis://:***@host/0"),
        (f"redis://:p@{SECRET}@host", "redis://:***@host"),
        (f"redis://:{SECRET}@a;redis://:{SECRET}@b", "redis://:***@a;redis://:***@b"),
        (f"redis://host?password={SECRET}&db=1", "redis://host?password=***&db=***"),
        (f"redis://{SECRET}@host", "redis://***@host"),
        (f"redis://{SECRET}@{SECRET}:6@host/0", "redis://***@host/0"),
        (f"https://{SECRET}@host", "https://***@host"),
        (f"https://host/x?api_key={SECRET}", "https://host/x?api_key=***"),
        (f"https://host/x?{SECRET}", "https://host/x?***"),
        (f"https://host/x?a={SECRET}={SECRET}&{SECRET}", "https://host/x?a=***&***"),
        ("postgresql+psycopg://me@host/db", "postgresql+psycopg://me@host/db"),
        (f"postgresql://a@b:{SECRET}@host/db", "postgresql://***@host/db"),
        (f"postgresql://u:{SECRET}/x@host/db", "postgresql://u:***@host/db"),
        (SECRET, "***"),
    ],
)
def test_mask_secrets(url, shown):
    assert mask_secrets(url) == shown


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("[", "is no JSON"),
        ('[{"name": "a"}]', "required"),
        ('[{"name": "A b", "url": "https://host"}]', "pattern"),
        ('[{"name": "a", "url": "https://host", "events": ["upload.eaten"]}]', "upload.judged"),
        ('[{"name": "a", "url": "https://x"}, {"name": "a", "url": "https://y"}]', "same name"),
    ],
)
def test_further_webhooks_that_mean_nothing_are_refused(cli, monkeypatch, value, why):
    monkeypatch.setenv("NOPHOTO_WEBHOOKS", value)
    result = cli("settings")
    assert result.exit_code == 1
    assert "NOPHOTO_WEBHOOKS" in result.stderr
    assert why in result.stderr


def test_further_webhooks_are_shown_without_their_secrets(cli, monkeypatch):
    endpoint = {"name": "search", "url": f"https://host/{SECRET}", "secret": f"whsec_{SECRET}"}
    monkeypatch.setenv("NOPHOTO_WEBHOOKS", json.dumps([endpoint]))
    shown = cli("settings", "--json").stdout
    assert "search https://host/***" in shown
    assert SECRET not in shown


@pytest.mark.parametrize("name", ["webhook_url", "traces_url"])
@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("https://host:8443/", "https://host:8443"),
        (f"https://host/hook?token={SECRET}", "https://host/***"),
        (f"https://{SECRET}@host", "https://host"),
        (f"https://hooks.slack.com/services/T0/B0/{SECRET}", "https://hooks.slack.com/***"),
        (f"https://me:{SECRET}/{SECRET}@host/hook", "***"),
        (f"https://host/@{SECRET}", "***"),
        (SECRET, "***"),
    ],
)
def test_of_a_receiver_the_host_alone_is_shown(name, url, shown):
    told = {setting.name: setting.value for setting in describe(Settings(**{name: url}))}
    assert told[name] == shown


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_secrets_are_never_printed(cli, monkeypatch, arguments):
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", f"postgresql://me:{SECRET}@host/name")
    monkeypatch.setenv("NOPHOTO_BROKER_URL", f"redis://:{SECRET}@host")
    roots = f"s3://key:{SECRET}@bucket,https://host/x?sig={SECRET},/srv/a@b"
    monkeypatch.setenv("NOPHOTO_ROOTS", roots)
    monkeypatch.setenv("NOPHOTO_WEBHOOK_URL", f"https://host/{SECRET}")
    monkeypatch.setenv("NOPHOTO_WEBHOOK_SECRET", f"whsec_{SECRET}")
    monkeypatch.setenv("NOPHOTO_TRACES_URL", f"https://host/v1/traces?api_key={SECRET}")
    result = cli("settings", *arguments)
    assert result.exit_code == 0
    assert SECRET not in result.output
    assert "postgresql://me:***@host/name" in result.stdout
    assert "/srv/a@b" in result.stdout


def test_every_setting_is_described_with_its_variable(cli):
    printed = json.loads(cli("settings", "--json").stdout)
    assert {setting["name"] for setting in printed} == set(Settings.model_fields)
    for setting in printed:
        assert setting["variable"] == f"NOPHOTO_{setting['name'].upper()}"
        assert setting["description"]


def test_origin_of_a_setting(cli, monkeypatch):
    Path(".env").write_text("NOPHOTO_THREADS=3\nNOPHOTO_CHUNK_SIZE=7\n")
    monkeypatch.setenv("NOPHOTO_CHUNK_SIZE", "8")
    printed = {s["name"]: s for s in json.loads(cli("settings", "--json").stdout)}
    assert (printed["threads"]["value"], printed["threads"]["origin"]) == (3, ".env")
    assert (printed["chunk_size"]["value"], printed["chunk_size"]["origin"]) == (8, "environment")
    assert printed["engine"]["origin"] == "default"


def test_secrets_come_from_files_and_yield_to_the_environment(tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "nophoto_broker_url").write_text(f"redis://:{SECRET}@host\n")
    (secrets / "NOPHOTO_THREADS").write_text("3")
    (secrets / "nophoto_chunk_size").write_text("7")
    (secrets / "another").write_text("of somebody else")
    environment = {"NOPHOTO_SECRETS": str(secrets), "NOPHOTO_CHUNK_SIZE": "8"}
    command = [sys.executable, "-m", "nophoto.jobs.cli", "settings", "--json"]
    done = subprocess.run(
        command, env=os.environ | environment, cwd=tmp_path, capture_output=True, check=True
    )
    printed = {s["name"]: (s["value"], s["origin"]) for s in json.loads(done.stdout)}
    assert printed["broker_url"] == ("redis://:***@host", "secret")
    assert printed["threads"] == (3, "secret")
    assert printed["chunk_size"] == (8, "environment")
    assert printed["engine"][1] == "default"


def test_table_shows_the_same(cli):
    shown = cli("settings").stdout
    assert "NOPHOTO_LEASE_SECONDS" in shown
    assert os.environ["NOPHOTO_HOME"] in shown.replace("\n", "")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NOPHOTO_THREADS", "many"),
        ("NOPHOTO_CONSOLE_PROXIES", "10.0.0.1,proxy.internal"),
        ("NOPHOTO_CHUNK_TIMEOUT", "1"),
        ("NOPHOTO_ENGINE", SECRET),
        ("NOPHOTO_BROKER_URL", f"amqp://:{SECRET}@host"),
        ("NOPHOTO_BROKER_URL", SECRET),
    ],
)
def test_wrong_setting_is_named_and_its_value_is_not(cli, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    result = cli("settings")
    assert result.exit_code == 1
    assert variable in result.stderr
    assert SECRET not in result.output
    assert "Traceback" not in result.output
