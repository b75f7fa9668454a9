"""Why a verdict is another than the similarity alone would make it: a code with parameters.

Workers store the code. Whatever shows it puts it into words: the console in the language of the
page, everything else by `in_english`.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nophoto.models.vocabulary import Kind


class ReasonCode(StrEnum):
    """What overruled the similarity."""

    REFERENCE_QUARANTINED = "reference-quarantined"
    """Only a reference in quarantine would flag it."""
    REFERENCE_SUDDEN = "reference-sudden"
    """Only a reference that a rescoring holds back would flag it."""
    KIND_NOT_CLAIMED = "kind-not-claimed"
    """It is most like a reference of a kind that is off or has no active reference."""
    ALLOWED_BYTES = "allowed-bytes"
    """Its bytes are those of a picture on the allow-list."""
    ALLOWED_LOOK_ALIKE = "allowed-look-alike"
    """It is a changed copy of a picture on the allow-list."""
    OTHER = "other"
    """A sentence that a nophoto of another version wrote."""


@dataclass(frozen=True, slots=True)
class ReasonParameters:
    """What a reason speaks of; a field that its code has no use for is None.

    Attributes:
        reference_id: of the reference.
        allowed_id: of the picture on the allow-list.
        name: of that reference or picture.
        kind: of the reference.
        text: why the picture is on the allow-list, in its author's words; or, of an `other`
            reason, the whole sentence.
    """

    reference_id: int | None = None
    allowed_id: int | None = None
    name: str | None = None
    kind: Kind | None = None
    text: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields that have a value."""
        values = {name: getattr(self, name) for name in _FIELDS}
        return {name: value for name, value in values.items() if value is not None}


_FIELDS = ("reference_id", "allowed_id", "name", "kind", "text")


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and what it speaks of."""

    code: ReasonCode
    parameters: ReasonParameters = ReasonParameters()


def held_as_sudden(reference_id: int) -> Reason:
    """Why a rescoring holds back what only this reference would flag."""
    return Reason(ReasonCode.REFERENCE_SUDDEN, ReasonParameters(reference_id=reference_id))


def encode(reason: Reason) -> str:
    """The reason as it is stored, equal texts for equal reasons."""
    document = {"code": reason.code, "parameters": reason.parameters.as_dict()}
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def decode(stored: str) -> Reason:
    """The reason that `stored` holds.

    During a rolling upgrade workers of the version before write whole sentences, and workers of a
    later one may write codes and parameters that are unknown here; both are read as `other`.
    """
    if not stored.startswith("{"):
        return _other(stored)
    try:
        document = json.loads(stored)
        code = ReasonCode(document["code"])
        values = dict(document["parameters"])
        if "kind" in values:
            values["kind"] = Kind(values["kind"])
        return Reason(code, ReasonParameters(**values))
    except (KeyError, TypeError, ValueError):
        return _other(stored)


def in_english(reason: Reason) -> str:
    """The reason as a sentence that tells people what to do."""
    of = reason.parameters
    match reason.code:
        case ReasonCode.REFERENCE_QUARANTINED:
            return (
                f"held: reference {of.reference_id} is in quarantine. Let it flag again with "
                f"`nophoto references restore {of.reference_id}`, or retire it with `nophoto "
                f"references retire {of.reference_id}`"
            )
        case ReasonCode.REFERENCE_SUDDEN:
            return (
                f"held: reference {of.reference_id} suddenly matches far more uploads than it did. "
                f"Retire it with `nophoto references retire {of.reference_id}`, or let it with "
                f"`nophoto rescore --trust {of.reference_id}`"
            )
        case ReasonCode.KIND_NOT_CLAIMED:
            return (
                f"most like reference {of.reference_id} ({of.name}) of the kind {of.kind}, which "
                "is switched off or has no active reference"
            )
        case ReasonCode.ALLOWED_BYTES:
            return f"is allowed picture {of.allowed_id} ({of.name}): {of.text}"
        case ReasonCode.ALLOWED_LOOK_ALIKE:
            return f"looks like allowed picture {of.allowed_id} ({of.name}): {of.text}"
        case ReasonCode.OTHER:
            return of.text or ""


def reason_fields(reason: Reason | None) -> dict[str, Any]:
    """The reason as other programs read it: a sentence, the code and the parameters."""
    return {
        "reason": None if reason is None else in_english(reason),
        "reason_code": None if reason is None else reason.code.value,
        "reason_parameters": None if reason is None else reason.parameters.as_dict(),
    }


def _other(text: str) -> Reason:
    return Reason(ReasonCode.OTHER, ReasonParameters(text=text))
