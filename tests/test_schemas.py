"""The JSON schemas say what is taken and what is sent: neither more nor less."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from nophoto.models.records.lifecycle.uploads import MAX_KEY, MAX_URI
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.vocabulary import FailureCode, RefusalCode, Verdict
from tests.pages import blocks

DOCS = Path(__file__).parents[1] / "docs"


def schema(name: str) -> Draft202012Validator:
    content = json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def test_the_messages_of_the_documentation_meet_the_schema() -> None:
    found = blocks((DOCS / "backend.md").read_text(), "json")
    messages = [json.loads(block) for block in found if '"nophoto.score"' in block]
    assert messages
    for message in messages:
        schema("score").validate(json.loads(message["body"]))


def test_a_notice_in_the_documentation_meets_the_schema() -> None:
    found = blocks((DOCS / "backend.md").read_text(), "json")
    notices = [json.loads(block) for block in found if '"sequence"' in block]
    assert notices
    for notice in notices:
        schema("notice").validate(notice)


@pytest.mark.parametrize(
    "body",
    [
        [[[{"key": "a"}]], {}, {}],
        [[[{"key": "", "uri": "/a"}]], {}, {}],
        [[[{"key": "a" * (MAX_KEY + 1), "uri": "/a"}]], {}, {}],
        [[[{"key": "a", "uri": "/" * (MAX_URI + 1)}]], {}, {}],
        [[[{"key": "a", "uri": "/a"}]], {"lane": "night"}, {}],
        [[], {}, {}],
        {"key": "a", "uri": "/a"},
    ],
)
def test_what_workers_refuse_breaks_the_schema(body: object) -> None:
    with pytest.raises(ValidationError):
        schema("score").validate(body)


def test_the_words_are_those_of_the_tables() -> None:
    data = schema("notice").schema["$defs"]["outcome"]["properties"]
    assert set(data["verdict"]["enum"]) == {*Verdict, None}
    assert set(data["failure"]["enum"]) == {*FailureCode, None}
    of_reason = {"reason_code", "reason_parameters"}  # the parts of a row's reason
    assert set(data) <= {*ResultRow.__dataclass_fields__, *of_reason, "decided_by"}
    refusal = schema("notice").schema["$defs"]["refusal"]["properties"]
    assert set(refusal["code"]["enum"]) == {*RefusalCode}
