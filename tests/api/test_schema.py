"""The schema holds: made-up requests that it allows and forbids, against the server as it runs."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from nophoto.models.records.tables import Scope
from tests.api.serving import Served

schemathesis.checks.load_all_checks()


@pytest.fixture(scope="module")
def key(site: Served) -> str:
    """A key that allows all."""
    with site.client(name="schemathesis") as client:
        return client.headers["authorization"]


@pytest.fixture(scope="module")
def api_schema(site: Served, key: str) -> Iterator[object]:
    """The schema as the server gives it."""
    yield schemathesis.openapi.from_url(f"{site.url}/v1/openapi.json")


# A promotion is a process of its own, which takes seconds; test_runs.py asks for it.
schema = schemathesis.pytest.from_fixture("api_schema").exclude(path="/v1/model-versions/rollback")

LENIENT = {
    # Of a list, what is no upload is refused alone.
    "/v1/uploads": ["negative_data_rejection"],
}


@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[*HealthCheck],
    derandomize=True,
    database=None,
)
def test_requests_are_answered_as_the_schema_says(case: schemathesis.Case, key: str) -> None:
    checks = CHECKS.get_by_names(["not_a_server_error", "status_code_conformance"])
    checks += CHECKS.get_by_names(["content_type_conformance", "response_schema_conformance"])
    lenient = LENIENT.get(case.operation.path, [])
    if "negative_data_rejection" not in lenient:
        checks += CHECKS.get_by_names(["negative_data_rejection"])
    case.call_and_validate(headers={"Authorization": key}, checks=checks)


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
