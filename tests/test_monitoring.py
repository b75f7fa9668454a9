"""The dashboard and the alerts ask for figures that there are."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from nophoto.api.metrics import ApiMetrics
from nophoto.console.metrics import ConsoleMetrics
from nophoto.jobs.operations.exporter import StateCollector
from nophoto.models.records.database import Database
from nophoto.worker.broker.app import create_app
from nophoto.worker.scheduler.metrics import SchedulerMetrics
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry import metrics

DEPLOY = Path(__file__).parents[1] / "deploy"
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana/nophoto.json").read_text())
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]


@pytest.fixture(scope="module")
def names(migrated_sqlite: Path) -> set[str]:
    """Every series that workers, scheduler, console and `nophoto metrics` give."""
    found = set()
    figures = vars(metrics._Figures()).values()
    counted = [family for figure in figures for family in figure.collect()]
    web = [*ConsoleMetrics().registry.collect(), *ApiMetrics().registry.collect()]
    for family in [*counted, *SchedulerMetrics().collect(), *web]:
        found.add(f"{family.name}_total" if family.type == "counter" else family.name)
        if family.type == "histogram":
            found |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
    registry = CollectorRegistry()
    app = create_app(Settings(_env_file=None, broker_url="redis://127.0.0.1:1/0"))
    registry.register(StateCollector(Database(f"sqlite:///{migrated_sqlite}"), app))
    text = generate_latest(registry).decode()
    # The database has no model version, the broker does not answer.
    told = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    return found | told | {"nophoto_threshold", "nophoto_model_info", "nophoto_messages"}


def test_the_page_on_metrics_names_every_series(names: set[str]) -> None:
    page = (DEPLOY.parent / "docs/metrics.md").read_text()
    documented = set(re.findall(r"`(nophoto_\w+)", page))
    parts = {name for name in names if name.endswith(("_bucket", "_sum", "_count"))}
    assert documented == names - parts


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_each_series_is_there(expression: str, names: set[str]) -> None:
    asked = set(re.findall(r"\bnophoto_\w+", expression))
    assert asked
    assert asked <= names


def test_each_alert_says_what_and_what_to_do() -> None:
    for rule in ALERTS:
        assert set(rule["annotations"]) == {"summary", "remedy"}
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_each_expression_is_understood_by_prometheus_grammar() -> None:
    for expression in EXPRESSIONS:
        promql_parser.parse(expression.replace("$__rate_interval", "5m"))


def test_the_dashboard_is_that_of_its_program() -> None:
    made = subprocess.run(
        [sys.executable, DEPLOY / "grafana/make_dashboard.py"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(made.stdout) == DASHBOARD


def test_prometheus_asks_every_port_that_compose_opens() -> None:
    services = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())["services"]
    opened = {
        (name, int(value))
        for name, service in services.items()
        for variable, value in service.get("environment", {}).items()
        if re.fullmatch(r"NOPHOTO_(\w+_)?METRICS_PORT", variable)
    }
    opened.add(("metrics", int(services["metrics"]["command"][-1])))
    asked = set()
    for job in yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]:
        for source in job.get("dns_sd_configs", ()):
            asked |= {(name, source["port"]) for name in source["names"]}
        for source in job.get("static_configs", ()):
            asked |= {(host, int(port)) for host, port in (t.split(":") for t in source["targets"])}
    assert asked == opened


@pytest.mark.parametrize(
    "check", [("config", "prometheus.yml"), ("rules", "alerts.yml")], ids=lambda check: check[1]
)
def test_prometheus_own_tool_accepts_the_file(check: tuple[str, str]) -> None:
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("NO PROMTOOL HERE (Debian's package prometheus): its checks are not run")
    what, name = check
    done = subprocess.run(
        [promtool, "check", what, DEPLOY / "prometheus" / name], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
