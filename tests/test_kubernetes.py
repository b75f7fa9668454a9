"""The manifests meet Kubernetes' schemas, and run what there is."""

import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import kubernetes_validate
import promql_parser
import pytest
import yaml
from jsonschema import ValidationError, validate

from nophoto.worker.settings import Settings
from tests.custom_resources import SCHEMAS

FOLDER = Path(__file__).parents[1] / "deploy/kubernetes"
RESOURCES: list[dict[str, Any]] = list(yaml.safe_load_all((FOLDER / "nophoto.yaml").read_text()))
MONITOR = yaml.safe_load((FOLDER / "monitoring.yaml").read_text())
SCALED: list[dict[str, Any]] = list(yaml.safe_load_all((FOLDER / "keda.yaml").read_text()))
PODS = {
    resource["metadata"]["name"]: resource["spec"]["template"]["spec"]
    for resource in RESOURCES
    if resource["kind"] in ("Deployment", "Job")
}


@pytest.mark.parametrize(
    "resource", RESOURCES, ids=lambda r: f"{r['kind']} {r['metadata']['name']}"
)
def test_each_resource_meets_its_schema(resource: dict[str, Any]) -> None:
    kubernetes_validate.validate(resource, "1.33", strict=True)


def test_a_field_that_there_is_not_would_be_noticed() -> None:
    wrong = {**RESOURCES[0], "dta": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.33", strict=True)


@pytest.mark.parametrize(
    "resource", [MONITOR, *SCALED], ids=lambda r: f"{r['kind']} {r['metadata']['name']}"
)
def test_each_custom_resource_meets_the_schema_of_its_operator(resource: dict[str, Any]) -> None:
    validate(resource, SCHEMAS[resource["kind"]])


def test_a_number_where_keda_takes_strings_would_be_noticed() -> None:
    wrong = deepcopy(SCALED[0])
    wrong["spec"]["triggers"][0]["metadata"]["threshold"] = 20000
    with pytest.raises(ValidationError):
        validate(wrong, SCHEMAS["ScaledObject"])


@pytest.mark.parametrize("name", PODS)
def test_each_pod_runs_a_command_that_there_is_and_is_confined(
    name: str, parse: Callable[[list[str]], None]
) -> None:
    pod = PODS[name]
    (container,) = pod["containers"]
    parse(container["args"])
    for probe in ("livenessProbe", "readinessProbe"):
        if "exec" in container.get(probe, {}):
            program, *arguments = container[probe]["exec"]["command"]
            assert program == "nophoto"
            parse(arguments)
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert "memory" in container["resources"]["limits"]
    # Whole processors: a part of one would be a thread that is stopped in the middle of its work.
    assert int(container["resources"]["limits"]["cpu"]) >= 1


def test_threads_are_counted_by_the_limit_alone() -> None:
    assert "NOPHOTO_THREADS" not in RESOURCES[0]["data"]


def test_one_place_names_the_image() -> None:
    named = yaml.safe_load((FOLDER / "image.yaml").read_text())["data"]
    stages = {container["image"] for pod in PODS.values() for container in pod["containers"]}
    version = named["version"]
    assert stages == {
        f"nophoto:{part}-{version}" for part in ("worker", "console", "api", "training")
    }
    if shutil.which("kubectl") is None:
        pytest.skip("THE KUSTOMIZATION IS NOT BUILT: there is no kubectl here")
    built = subprocess.run(
        ["kubectl", "kustomize", FOLDER], capture_output=True, text=True, check=True
    ).stdout
    images = {
        resource["spec"]["template"]["spec"]["containers"][0]["image"]
        for resource in yaml.safe_load_all(built)
        if resource["kind"] in ("Deployment", "Job")
    }
    assert images == {stage.replace("nophoto:", f"{named['name']}:") for stage in stages}
    kinds = [resource["kind"] for resource in yaml.safe_load_all(built)]
    assert sorted(kinds) == sorted(resource["kind"] for resource in RESOURCES)


def test_the_variables_are_settings() -> None:
    variables = {f"NOPHOTO_{field.upper()}" for field in Settings.model_fields}
    assert set(RESOURCES[0]["data"]) <= variables


def test_versions_need_no_volume_that_several_hosts_mount() -> None:
    assert Settings(
        _env_file=None, versions=RESOURCES[0]["data"]["NOPHOTO_VERSIONS"]
    ).versions_store
    claims = [r for r in RESOURCES if r["kind"] == "PersistentVolumeClaim"]
    assert [claim["spec"]["accessModes"] for claim in claims] == [["ReadWriteOnce"]]
    named = {
        v["persistentVolumeClaim"]["claimName"]
        for pod in PODS.values()
        for v in pod["volumes"]
        if "persistentVolumeClaim" in v
    }
    assert named == {claim["metadata"]["name"] for claim in claims}


def test_what_two_at_a_time_would_break_is_never_rolled_over() -> None:
    strategies = {
        resource["metadata"]["name"]: resource["spec"].get("strategy", {}).get("type")
        for resource in RESOURCES
        if resource["kind"] == "Deployment"
    }
    # The one holds a volume of one node, the other who is logged in.
    alone = {name for name, strategy in strategies.items() if strategy == "Recreate"}
    assert alone == {"nophoto-training", "nophoto-console"}


def test_figures_are_open_to_the_namespace_of_prometheus_alone() -> None:
    (policy,) = (r for r in RESOURCES if r["kind"] == "NetworkPolicy")
    (figures,) = (
        rule for rule in policy["spec"]["ingress"] if {"port": "metrics"} in rule["ports"]
    )
    assert figures["ports"] == [{"port": "metrics"}]
    (source,) = figures["from"]
    (namespace,) = source["namespaceSelector"]["matchLabels"].values()
    for resource in SCALED:
        for trigger in resource["spec"]["triggers"]:
            assert f".{namespace}:" in trigger["metadata"]["serverAddress"]


def test_what_is_scaled_is_there_by_figures_that_are_understood() -> None:
    for resource in SCALED:
        assert resource["spec"]["scaleTargetRef"]["name"] in PODS
        assert resource["spec"]["minReplicaCount"] <= resource["spec"]["maxReplicaCount"]
        for trigger in resource["spec"]["triggers"]:
            promql_parser.parse(trigger["metadata"]["query"])


PROBED = {
    "nophoto-interactive": "worker",
    "nophoto-bulk": "worker",
    "nophoto-training": "training",
    "nophoto-beat": "beat",
    "nophoto-notify": "notify",
    "nophoto-console": "console",
    "nophoto-api": "api",
}


@pytest.mark.parametrize("name", PROBED)
def test_each_part_is_asked_whether_it_lives_and_is_ready(name: str) -> None:
    (container,) = PODS[name]["containers"]
    for probe, question in (("livenessProbe", "live"), ("readinessProbe", "ready")):
        assert container[probe]["exec"]["command"] == ["nophoto", "health", question, PROBED[name]]


def test_prometheus_asks_each_pod_on_the_port_of_its_setting() -> None:
    settings = {name: value for name, value in RESOURCES[0]["data"].items() if "_PORT" in name}
    ports = {
        port["containerPort"]
        for pod in PODS.values()
        for port in pod["containers"][0].get("ports", ())
        if port["name"] == MONITOR["spec"]["podMetricsEndpoints"][0]["port"]
    }
    assert ports == {9090, *map(int, settings.values())}
