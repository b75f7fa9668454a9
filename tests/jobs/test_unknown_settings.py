"""A misspelt setting is told wherever it is set, and no value with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "s3cret"


def warnings(result) -> list[str]:
    lines = result.stderr.splitlines()
    return [line.removeprefix("warning: ") for line in lines if line.startswith("warning: NOPHOTO")]


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("NOPHOTO_ROOT", "NOPHOTO_ROOTS"),
        ("nophoto_root", "NOPHOTO_ROOTS"),
        ("NOPHOTO_DATABASE", "NOPHOTO_DATABASE_URL"),
        ("NOPHOTO_DATEBASE_URL", "NOPHOTO_DATABASE_URL"),
        ("NOPHOTO_CONSOLE_PROT", "NOPHOTO_CONSOLE_PORT"),
    ],
)
@pytest.mark.parametrize("origin", ["the environment", ".env"])
def test_an_unknown_setting_is_told_with_the_nearest_one(
    cli, monkeypatch, variable, nearest, origin
):
    if origin == ".env":
        Path(".env").write_text(f"{variable}={SECRET}\n")
    else:
        monkeypatch.setenv(variable, SECRET)
    result = cli("settings", "--json")
    assert result.exit_code == 0
    assert warnings(result) == [
        f"{variable.upper()} in {origin} has no effect: there is no such setting. Did you mean "
        f"{nearest}? `nophoto settings` lists all"
    ]
    assert SECRET not in result.output
    json.loads(result.stdout)


def test_one_that_is_near_to_nothing_is_told_too(cli, monkeypatch):
    monkeypatch.setenv("NOPHOTO_XQZJ", SECRET)
    (warning,) = warnings(cli("settings"))
    assert warning.startswith("NOPHOTO_XQZJ in the environment")
    assert "Did you mean" not in warning


def test_every_command_tells_it(cli, monkeypatch, installed):
    monkeypatch.setenv("NOPHOTO_ROOT", "/srv")
    for command in (["status"], ["results"], ["references", "list"]):
        assert len(warnings(cli(*command))) == 1


def test_what_only_the_environment_gives_is_told_in_a_file(cli):
    Path(".env").write_text("NOPHOTO_CONSOLE_PORT=7000\n")
    (warning,) = warnings(cli("settings"))
    assert "NOPHOTO_CONSOLE_PORT in .env has no effect: it is read from the environment" in warning


def test_known_ones_and_what_kubernetes_adds_are_not_told(cli, monkeypatch):
    Path(".env").write_text("NOPHOTO_THREADS=3\nOTHER=1\nUPLOADS=/srv\n")
    for variable in (
        "NOPHOTO_CONSOLE_PORT",
        "nophoto_chunk_size",
        "NOPHOTO_CONSOLE_SERVICE_HOST",
        "NOPHOTO_CONSOLE_SERVICE_PORT_HTTP",
        "NOPHOTO_CONSOLE_PORT_7860_TCP_ADDR",
        "NOPHOTOS",
    ):
        monkeypatch.setenv(variable, "7")
    assert warnings(cli("settings")) == []


def test_one_among_the_secrets_is_told(tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "nophoto_broker").write_text(SECRET)
    (secrets / "nophoto_broker_url").write_text("redis://host")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "nophoto.jobs.cli", "settings"],
        env={**os.environ, "NOPHOTO_SECRETS": str(secrets)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"NOPHOTO_BROKER in {secrets} has no effect" in done.stderr
    assert "Did you mean NOPHOTO_BROKER_URL?" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_only_what_is_changed_is_shown(cli, monkeypatch):
    Path(".env").write_text("NOPHOTO_THREADS=3\n")
    monkeypatch.setenv("NOPHOTO_CHUNK_SIZE", "8")
    printed = json.loads(cli("settings", "--changed", "--json").stdout)
    changed = {setting["variable"]: setting["origin"] for setting in printed}
    assert changed["NOPHOTO_THREADS"] == ".env"
    assert changed["NOPHOTO_CHUNK_SIZE"] == "environment"
    assert "default" not in changed.values()
    shown = cli("settings", "--changed").stdout
    assert "NOPHOTO_THREADS" in shown
    assert "NOPHOTO_ENGINE" not in shown


def test_where_nothing_is_changed_it_says_so(cli, monkeypatch):
    for variable in [name for name in os.environ if name.startswith("NOPHOTO_")]:
        monkeypatch.delenv(variable)
    result = cli("settings", "--changed")
    assert "every setting is at its default" in result.stderr
    assert result.stdout == ""
