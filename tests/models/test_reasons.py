"""A reason is stored as a code with parameters, and what another version wrote is still read."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nophoto.models.reasons import (
    Reason,
    ReasonCode,
    ReasonParameters,
    decode,
    encode,
    in_english,
    reason_fields,
)
from nophoto.models.vocabulary import Kind

PARAMETERS = st.builds(
    ReasonParameters,
    reference_id=st.none() | st.integers(1, 2**63 - 1),
    allowed_id=st.none() | st.integers(1, 2**63 - 1),
    name=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    kind=st.none() | st.sampled_from(Kind),
    text=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
)


@given(st.builds(Reason, st.sampled_from(ReasonCode), PARAMETERS))
def test_every_reason_is_read_as_it_was_written(reason: Reason) -> None:
    assert decode(encode(reason)) == reason


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_another_version_wrote_is_shown_as_it_stands(stored: str) -> None:
    assert in_english(decode(stored)) == stored


@pytest.mark.parametrize(
    "stored",
    [
        '{"code": "of-tomorrow", "parameters": {}}',
        '{"code": "allowed-bytes", "parameters": {"of_tomorrow": 1}}',
        '{"code": "kind-not-claimed", "parameters": {"kind": "of-tomorrow"}}',
        '{"code": "allowed-bytes"}',
        "{",
    ],
)
def test_a_reason_of_a_later_version_is_another_one(stored: str) -> None:
    assert decode(stored) == Reason(ReasonCode.OTHER, ReasonParameters(text=stored))


def test_other_programs_read_a_sentence_a_code_and_what_the_code_speaks_of() -> None:
    parameters = ReasonParameters(allowed_id=3, name="logo.png", text="our own")
    assert reason_fields(Reason(ReasonCode.ALLOWED_BYTES, parameters)) == {
        "reason": "is allowed picture 3 (logo.png): our own",
        "reason_code": "allowed-bytes",
        "reason_parameters": {"allowed_id": 3, "name": "logo.png", "text": "our own"},
    }
    assert reason_fields(None) == dict.fromkeys(("reason", "reason_code", "reason_parameters"))


def test_every_code_has_a_sentence_without_holes() -> None:
    whole = ReasonParameters(
        **{field.name: f"<{field.name}>" for field in fields(ReasonParameters)}
    )
    for code in ReasonCode:
        sentence = in_english(Reason(code, whole))
        assert "<" in sentence
        assert "None" not in sentence
