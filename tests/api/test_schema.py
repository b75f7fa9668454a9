"""The schema holds: made-up requests that it allows and forbids, against the server as it runs."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

# Here, where no server's thread imports at the same time: Python 3.11 fails then and now.
from schemathesis.specs.openapi import schemas as _schemas  # noqa: F401

from nophoto.api.application import create_api
from nophoto.api.context import ApiContext
from nophoto.models.records.tables import Scope
from nophoto.worker.settings import Settings
from tests.api.serving import Served
from tests.pages import blocks

DOCS = Path(__file__).parents[2] / "docs"

load_all_checks()

SLOW = {"/v1/model-versions/rollback"}
"""A promotion is a process of its own, which takes seconds; test_runs.py asks for it."""

LENIENT = {"/v1/uploads"}
"""Of a list, what is no upload is refused alone: the answer is good."""

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def operations() -> list[tuple[str, str]]:
    """Method and path of each operation of the schema."""
    own = Settings(_env_file=None, home=Path(mkdtemp(prefix="nophoto-schema-")))
    described = create_api(ApiContext(own, is_local=True, judges=False)).openapi()
    return [
        (method.upper(), path)
        for path, methods in described["paths"].items()
        for method in methods
        if path not in SLOW
    ]


@pytest.fixture(scope="module")
def key(site: Served) -> str:
    """A key that allows all."""
    with site.client(name="schemathesis") as client:
        return client.headers["authorization"]


@pytest.fixture(scope="module")
def schema(site: Served) -> Callable[[], schemathesis.BaseSchema]:
    """The schema as the server gives it."""
    return cache(lambda: schemathesis.openapi.from_url(f"{site.url}/v1/openapi.json"))


@pytest.mark.parametrize(("method", "path"), operations())
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_requests_are_answered_as_the_schema_says(
    schema: Callable[[], schemathesis.BaseSchema],
    key: str,
    method: str,
    path: str,
    mode: GenerationMode,
) -> None:
    names = [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
    if path not in LENIENT:
        names.append("negative_data_rejection")
    checks = CHECKS.get_by_names(names)
    operation = schema()[path][method]
    if mode == GenerationMode.NEGATIVE and not has_parameters(operation):
        return  # nothing of it can be wrong

    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[*HealthCheck],
        derandomize=True,
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": key}, checks=checks)

    ask()


def has_parameters(operation: schemathesis.APIOperation) -> bool:
    raw = operation.definition.raw
    return bool(raw.get("parameters") or raw.get("requestBody"))


def test_the_schema_is_openapi_3_1_and_names_the_scope_of_each_operation(site: Served) -> None:
    with site.anybody() as anybody:
        described = anybody.get("/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    scopes = {*Scope}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/v1/"):
                (needed,) = operation["security"]
                assert {*needed["key"]} <= scopes, (path, method)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert [*answer["content"]] == ["application/problem+json"]


def test_the_schema_in_the_documentation_is_that_of_the_server(site: Served) -> None:
    with site.anybody() as anybody:
        described = anybody.get("/v1/openapi.json").json()
    assert json.loads((DOCS / "schemas" / "openapi.json").read_text()) == described, (
        "curl http://127.0.0.1:8000/v1/openapi.json | "
        "python -m json.tool --no-ensure-ascii --indent 1 > docs/schemas/openapi.json"
    )


def test_the_answers_in_the_documentation_meet_the_schema() -> None:
    described = json.loads((DOCS / "schemas" / "openapi.json").read_text())
    shown = [json.loads(block) for block in blocks((DOCS / "api.md").read_text(), "json")]
    assert len(shown) == 2
    for answer in shown:
        name = "Taken" if "items" in answer else "ProblemDetails"
        reference = {"$ref": f"#/components/schemas/{name}"}
        Draft202012Validator({**reference, "components": described["components"]}).validate(answer)
