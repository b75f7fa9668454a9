"""docker-compose.yml, Dockerfile and .env.example say only what nophoto understands."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.settings import Settings

Parse = Callable[[list[str]], None]

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
VARIABLES = {f"NOPHOTO_{field.upper()}" for field in Settings.model_fields}


@pytest.mark.parametrize("name", OURS)
def test_each_service_runs_a_command_that_there_is(name: str, parse: Parse) -> None:
    parse(SERVICES[name]["command"])


@pytest.mark.parametrize("name", [name for name in OURS if "healthcheck" in SERVICES[name]])
def test_each_health_check_runs_a_command_that_there_is(name: str, parse: Parse) -> None:
    how, program, *arguments = SERVICES[name]["healthcheck"]["test"]
    assert (how, program) == ("CMD", "nophoto")
    parse(arguments)


def test_a_command_that_there_is_not_would_be_noticed(parse: Parse) -> None:
    for arguments in (["work"], ["worker", "--lanes", "bulk"], ["worker", "--lane", "night"]):
        with pytest.raises(Exception, match=r"[Nn]o such|Invalid value|is not one of"):
            parse(arguments)


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_a_setting_that_nophoto_accepts(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert set(environment) <= VARIABLES
    filled = {
        variable.removeprefix("NOPHOTO_").lower(): re.sub(r"\$\{\w+[^}]*\}", "/filled", value)
        for variable, value in environment.items()
    }
    settings = Settings(_env_file=None, **filled)
    assert not settings.is_database_embedded
    assert not settings.is_broker_embedded
    assert settings.roots == ("/filled",)


def test_both_lanes_have_a_worker() -> None:
    lanes = {SERVICES[name]["command"][2] for name in OURS if "worker" in SERVICES[name]["command"]}
    assert lanes == {"interactive", "bulk"}


def test_what_serves_restarts_and_tells_its_health() -> None:
    for name, service in SERVICES.items():
        assert "ports" not in service
        if name != "migrate":
            assert service["restart"] == "unless-stopped"
            assert "healthcheck" in service


def test_workers_wait_for_the_tables() -> None:
    for name in set(OURS) - {"migrate"}:
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["valkey"] == {"condition": "service_healthy"}
    assert SERVICES["migrate"]["depends_on"]["database"] == {"condition": "service_healthy"}


def test_named_volumes_are_declared() -> None:
    named = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if not volume.startswith(("/", ".", "$"))
    }
    assert named == set(COMPOSE["volumes"])


def test_the_example_names_every_setting_with_its_default() -> None:
    lines = dict(re.findall(r"^#(NOPHOTO_\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert set(lines) == VARIABLES
    without_default = {"NOPHOTO_ROOTS", "NOPHOTO_DATABASE_URL", "NOPHOTO_BROKER_URL"}
    for variable in VARIABLES - without_default:
        field = variable.removeprefix("NOPHOTO_").lower()
        assert getattr(Settings(_env_file=None, **{field: lines[variable]}), field) == (
            Settings.model_fields[field].default
        )


def test_the_example_names_every_variable_of_the_compose_file() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked == set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))


def test_the_image_is_made_of_files_that_there_are() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        for name in line.split():
            assert (ROOT / name).exists()
            assert f"!{name}" in ignored
