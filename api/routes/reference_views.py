"""What is told of references."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from nophoto.api.shapes import View
from nophoto.models.records.references import Member
from nophoto.models.records.tables import ReferenceOrigin, ReferenceState
from nophoto.models.vocabulary import Kind, ReferenceScope

if TYPE_CHECKING:
    from nophoto.jobs.curation.candidates import Candidate


class MemberView(View):
    """A reference."""

    id: int
    name: str
    kind: Kind
    scope: ReferenceScope = Field(
        description="Whether it claims all of its kind, or changed copies of itself alone."
    )
    state: ReferenceState
    collections: list[str] = Field(description="Whose uploads it claims; empty: those of all.")
    digest: str = Field(description="SHA-256 of its file.")


class SetView(View):
    """The reference set."""

    version: int
    items: list[MemberView]


class ReferenceView(View):
    """What is known of one reference."""

    id: int
    name: str
    kind: Kind
    scope: ReferenceScope
    state: ReferenceState
    digest: str
    origin: ReferenceOrigin
    note: str
    created_at: datetime
    retired_at: datetime | None
    changed_at: datetime
    changed_by: str
    matches: int = Field(description="For so many uploads it is the nearest.")


class CheckView(View):
    """What a picture would do as a reference."""

    scope: ReferenceScope
    reach: float = Field(description="Similarity from which on it would claim.")
    claims: int = Field(description="Real pictures that it would claim.")
    compared: int = Field(description="Real pictures that it was compared with.")
    max_share: float = Field(description="The share of them that it may claim.")
    is_refused: bool = Field(description="Whether it would claim more than it may.")
    objections: list[str]
    examples: list[str] = Field(description="Keys of uploads that it would claim.")


class AdditionView(View):
    """What became of a picture."""

    outcome: Literal["preview", "added", "known", "quarantined", "retired"] = Field(
        description="`known`, `quarantined` and `retired`: such a reference was there before."
    )
    id: int | None = Field(description="Of the reference; null of a preview.")
    set_version: int
    check: CheckView


class MovedView(View):
    """What became of a reference."""

    id: int
    changed: bool = Field(description="False where it was in that state already.")
    set_version: int


def member_view(member: Member, state: ReferenceState) -> MemberView:
    """A reference in the list, which is in that state."""
    return MemberView(
        id=member.id,
        name=member.name,
        kind=member.kind,
        scope=member.scope,
        state=state,
        collections=sorted(member.collections),
        digest=member.digest,
    )


def check_view(candidate: "Candidate") -> CheckView:
    """What was found of a picture that may become a reference."""
    check = candidate.check
    return CheckView(
        scope=check.scope,
        reach=check.claims.reach,
        claims=check.claims.real,
        compared=check.compared,
        max_share=check.max_share,
        is_refused=check.is_refused,
        objections=check.objections,
        examples=[example.key for example in check.claims.examples],
    )
