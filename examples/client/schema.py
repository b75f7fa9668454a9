"""The types of the API, made of its schema by `examples/client/generate.py`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Digest: TypeAlias = str


Key: TypeAlias = str


class Allow(TypedDict):
    """
    Pictures to allow: by digests, or as uploads were when they were judged.
    """

    digests: NotRequired[list[Digest]]
    keys: NotRequired[list[Key]]
    reason: str
    collection: NotRequired[str | None]


class AllowanceView(TypedDict):
    """
    What became of them.
    """

    added: list[int]
    known: int


class AllowedView(TypedDict):
    """
    A picture on the allow-list.
    """

    id: int
    digest: str
    name: str
    reason: str
    look_alikes: bool
    collection: str
    created_at: str


class AppealIn(TypedDict):
    """
    Why what stands of an upload is wrong.
    """

    by: NotRequired[str]
    note: NotRequired[str]


class AppealView(TypedDict):
    """
    An upload that a second moderator looks at.
    """

    key: str
    opened: bool


class BodyAllowFile(TypedDict):
    file: str
    name: str
    reason: str
    look_alikes: NotRequired[bool]
    collection: NotRequired[str | None]


class ErasedView(TypedDict):
    """
    What was erased.
    """

    key: str
    kept_elsewhere: bool


FailureCode: TypeAlias = Literal["missing", "unreadable", "unsupported", "too-large", "forbidden", "timeout", "crashed"]


class Health(TypedDict):
    """
    All is well.
    """

    status: NotRequired[Literal["ok"]]


Intake: TypeAlias = Literal["new", "known", "replaced", "refused"]


Kind: TypeAlias = Literal["notice", "person", "initials", "identicon", "cartoon", "picture-icon", "object-icon", "cover", "plain", "broken", "size-label", "brand", "photo", "own"]


Lane: TypeAlias = Literal["interactive", "bulk"]


class MovedView(TypedDict):
    """
    What became of a reference.
    """

    id: int
    changed: bool
    set_version: int


class NearestView(TypedDict):
    """
    A reference that the picture is like.
    """

    id: int
    name: str
    kind: Kind
    similarity: float


Order: TypeAlias = Literal["newest", "doubtful"]


class Promote(TypedDict):
    """
    A promotion.
    """

    reason: NotRequired[str]
    force: NotRequired[bool]


class PromotionView(TypedDict):
    """
    What judges now.
    """

    model_version: str
    replaced: str | None
    forced: bool
    gate: dict[str, Any] | None


ReasonCode: TypeAlias = Literal["reference-quarantined", "reference-sudden", "kind-not-claimed", "allowed-bytes", "allowed-look-alike", "other"]


ReferenceOrigin: TypeAlias = Literal["shipped", "added"]


ReferenceScope: TypeAlias = Literal["kind", "copies"]


ReferenceState: TypeAlias = Literal["active", "quarantined", "retired"]


class ReferenceView(TypedDict):
    """
    What is known of one reference.
    """

    id: int
    name: str
    kind: Kind
    scope: ReferenceScope
    state: ReferenceState
    digest: str
    origin: ReferenceOrigin
    note: str
    created_at: str
    retired_at: str | None
    changed_at: str
    changed_by: str
    matches: int


RefusalCode: TypeAlias = Literal["malformed", "key", "uri", "credentials", "version", "older-version", "metadata", "unknown-collection", "erased"]


class RejudgedView(TypedDict):
    """
    An upload that is judged again.
    """

    key: str
    published: bool


TrustedItem: TypeAlias = int


RealItem: TypeAlias = str


ComposedItem: TypeAlias = str


Placeholder: TypeAlias = str


class Retrain(TypedDict):
    """
    A retraining; folders are the training worker's, below NOPHOTO_ROOTS.
    """

    real: NotRequired[list[RealItem]]
    composed: NotRequired[list[ComposedItem]]
    placeholders: NotRequired[list[Placeholder]]
    held_out: NotRequired[str | None]
    reviews: NotRequired[bool]
    target: NotRequired[float]
    recipe: NotRequired[dict[str, Any]]
    promote: NotRequired[bool]


class RollBack(TypedDict):
    """
    A rollback.
    """

    reason: NotRequired[str]


RunKind: TypeAlias = Literal["rescore", "retrain"]


class RunStarted(TypedDict):
    """
    A run that was asked for.
    """

    id: int
    published: bool


RunState: TypeAlias = Literal["queued", "running", "paused", "done", "failed", "cancelled"]


class RunView(TypedDict):
    """
    A run.
    """

    id: int
    kind: RunKind
    state: RunState
    parameters: dict[str, Any]
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None
    attempts: int
    requested_by: str
    created_at: str
    started_at: str | None
    heartbeat_at: str | None
    finished_at: str | None


class UndoneView(TypedDict):
    """
    What was taken back.
    """

    undone: int


class UploadIn(TypedDict):
    """
    A picture to judge.
    """

    key: str
    uri: str
    collection: NotRequired[str | None]
    version: NotRequired[int | None]
    metadata: NotRequired[dict[str, Any] | None]
    lane: NotRequired[Lane]


UploadState: TypeAlias = Literal["queued", "claimed", "judged", "failed"]


Verdict: TypeAlias = Literal["placeholder", "real"]


class VersionView(TypedDict):
    """
    A model version.
    """

    id: str
    active: bool
    backbone: str
    dimension: int
    threshold: float
    review_low: float
    review_high: float
    metrics: dict[str, Any]
    digest: str
    created_at: str
    promoted_at: str | None


class WaitingView(TypedDict):
    """
    Uploads of the same bytes that wait for a decision.
    """

    reason: str | None
    reason_code: ReasonCode | None
    reason_parameters: dict[str, Any] | None
    digest: str
    count: int
    key: str
    uri: str
    verdict: Verdict
    needs_review: bool
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest_reference_id: int | None
    judged_at: str


class FieldError(TypedDict):
    """
    What is wrong with one part of a request.
    """

    pointer: str
    detail: str


class ProblemDetails(TypedDict):
    """
    An error, by RFC 9457.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[FieldError] | None]


class AllowListView(TypedDict):
    """
    The allow-list.
    """

    version: int
    items: list[AllowedView]


class BodyAddReference(TypedDict):
    file: str
    name: str
    kind: NotRequired[Kind]
    photo: NotRequired[bool]
    note: NotRequired[str]
    collection: NotRequired[str | None]
    preview: NotRequired[bool]
    force: NotRequired[bool]


class CheckView(TypedDict):
    """
    What a picture would do as a reference.
    """

    scope: ReferenceScope
    reach: float
    claims: int
    compared: int
    max_share: float
    is_refused: bool
    objections: list[str]
    examples: list[str]


class Decide(TypedDict):
    """
    A moderator's word on uploads.
    """

    keys: list[Key]
    verdict: Verdict
    note: NotRequired[str]
    replace: NotRequired[bool]


class DecidedView(TypedDict):
    """
    A decision on one upload.
    """

    review_id: int
    upload_id: int
    verdict: Verdict
    reviewer: str
    at: str


class DecisionView(TypedDict):
    """
    What became of a word.
    """

    made: list[DecidedView]
    already: list[DecidedView]


class EntryView(TypedDict):
    """
    One thing that was said of an upload.
    """

    reason: str | None
    reason_code: ReasonCode | None
    reason_parameters: dict[str, Any] | None
    at: str
    by: str
    verdict: Verdict
    needs_review: bool
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest_reference_id: int | None
    nearest_reference: str | None
    model_version_id: str | None
    reference_set_version: int | None
    run_id: int | None
    note: str
    undone_at: str | None


class HistoryView(TypedDict):
    """
    An upload, and all that was said of it.
    """

    key: str
    uri: str
    state: UploadState
    verdict: Verdict | None
    failure: FailureCode | None
    failure_message: str | None
    created_at: str
    entries: list[EntryView]


class ItemView(TypedDict):
    """
    What became of one upload.
    """

    key: str
    outcome: Intake
    reason: str | None
    code: RefusalCode | None


class MemberView(TypedDict):
    """
    A reference.
    """

    id: int
    name: str
    kind: Kind
    scope: ReferenceScope
    state: ReferenceState
    collections: list[str]
    digest: str


class QueueView(TypedDict):
    """
    What waits for moderators.
    """

    waiting: int
    flagged: int
    items: list[WaitingView]


class RescoreFilter(TypedDict):
    """
    Which uploads to judge again; all where nothing is said.
    """

    state: NotRequired[UploadState | None]
    verdict: NotRequired[Verdict | None]
    needs_review: NotRequired[bool | None]
    failure: NotRequired[FailureCode | None]
    key_prefix: NotRequired[str | None]
    since: NotRequired[str | None]
    model_version: NotRequired[str | None]
    collection: NotRequired[str | None]


class RunPage(TypedDict):
    """
    A page of runs.
    """

    items: list[RunView]
    next: str | None


class ScoreView(TypedDict):
    """
    What an upload of this picture would get.
    """

    reason: str | None
    reason_code: ReasonCode | None
    reason_parameters: dict[str, Any] | None
    verdict: Verdict
    needs_review: bool
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest: list[NearestView]
    digest: str
    model_version_id: str
    reference_set_version: int
    kept: Intake | None


class SetView(TypedDict):
    """
    The reference set.
    """

    version: int
    items: list[MemberView]


class Taken(TypedDict):
    """
    What became of the uploads of one request.
    """

    new: int
    known: int
    replaced: int
    refused: int
    published: bool
    items: list[ItemView]


class UploadView(TypedDict):
    """
    Where an upload stands.
    """

    reason: str | None
    reason_code: ReasonCode | None
    reason_parameters: dict[str, Any] | None
    key: str
    uri: str
    collection: str
    state: UploadState
    verdict: Verdict | None
    needs_review: bool
    reviewed: Verdict | None
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest_reference_id: int | None
    nearest_reference: str | None
    model_version_id: str | None
    reference_set_version: int | None
    failure: FailureCode | None
    failure_message: str | None
    version: int | None
    metadata: dict[str, Any] | None
    judged_at: str | None
    since: str | None


class VersionList(TypedDict):
    """
    Every model version that the database knows.
    """

    items: list[VersionView]


class AdditionView(TypedDict):
    """
    What became of a picture.
    """

    outcome: Literal["preview", "added", "known", "quarantined", "retired"]
    id: int | None
    set_version: int
    check: CheckView


class Rescore(TypedDict):
    """
    A rescoring.
    """

    filters: NotRequired[RescoreFilter]
    dry_run: NotRequired[bool]
    model: NotRequired[str | None]
    yes: NotRequired[bool]
    trusted: NotRequired[list[TrustedItem]]


class UploadPage(TypedDict):
    """
    A page of a list.
    """

    items: list[UploadView]
    next: str | None
