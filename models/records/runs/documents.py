"""What a run keeps of itself as JSON: its progress, from which another goes on, and its result.

A run that an earlier nophoto began, or that has not come so far, lacks the later fields; fields
that are unknown here survive.
"""

from typing import Any, Literal, NotRequired, TypedDict

Phase = Literal["compare", "asks", "write"]


class RunProgress(TypedDict, total=False):
    """How far a run has come: what is shown of every kind of run.

    Attributes:
        done, total: of the part that it is in.
        per_second: how fast `done` grows; None where nothing is measured yet.
        phase: the part that a rescoring is in.
        stage: the part that a training is in.
        loss: of the last epoch of a training; None outside its epochs.
        question: what somebody must decide before the run goes on.
    """

    done: int
    total: int
    per_second: float | None
    phase: Phase
    stage: str
    loss: float | None
    question: str


class RescoreProgress(RunProgress, total=False):
    """How far a rescoring has come, and what it compares with.

    Attributes:
        model_version_id, dimension: of the network, and of its embeddings.
        reference_set_version: of the set that it compares with.
        collections: their settings when it began.
        pictures: uploads whose embedding is made from the picture.
        queued_again: failed uploads that were queued again.
        changed: verdicts that are other ones.
        quarantined: the references that the run holds back, each with the sentence that older
            workers write as the reason. It is another thing than a reference's being in
            quarantine.
        since, done_before: when the phase began or went on, and how much was done then.
        compared_per_second: the rate of the comparing, kept while it writes.
    """

    model_version_id: str
    dimension: int
    reference_set_version: int
    collections: list[dict[str, Any]]
    pictures: int
    queued_again: int
    changed: int
    quarantined: dict[str, str]
    since: str
    done_before: int
    compared_per_second: float | None


class RescoreResult(TypedDict):
    """What a rescoring came to; the counts are those of all its chunks.

    Attributes:
        failures: pictures that could not be embedded, by code.
        quarantined: the references that the run held back; as in the progress.
        question: what a dry run would have asked.
        set_version_at_end: of the reference set, which may have changed meanwhile.
        per_second: verdicts compared.
    """

    compared: int
    changed: int
    to_placeholder: int
    to_real: int
    decided: int
    embedded: int
    replaced: int
    written: int
    held: int
    failures: dict[str, int]
    quarantined: dict[str, str]
    question: str | None
    queued_again: int
    model_version_id: str
    reference_set_version: int
    set_version_at_end: int
    per_second: float | None


class CurvePoint(TypedDict):
    """The loss after one epoch of the head with one seed."""

    seed: int
    step: int
    loss: float


class RetrainResult(TypedDict):
    """What a retraining came to.

    Attributes:
        model_version, digest, location: the version, and where it is kept.
        threshold: at which it flags.
        found, false_alarms: recall and false-positive rate on the held-out pictures.
        false_alarms_interval: of 95 % confidence.
        target: the false-positive rate that was asked for.
        is_target_shown: whether there are enough held-out real pictures to show it.
        unreadable, unreadable_files: files that were left out, and some of them with the reason.
        held_out_files: where held-out pictures lie that it takes for what they are not, by digest.
        promoted: whether it judges now; absent where nobody asked for it.
        not_promoted_because: what the gate found.
    """

    model_version: str
    digest: str
    location: str
    threshold: float
    found: float
    false_alarms: float
    false_alarms_interval: list[float]
    target: float
    is_target_shown: bool
    unreadable: int
    unreadable_files: dict[str, str]
    held_out_files: NotRequired[dict[str, str]]
    promoted: NotRequired[bool]
    not_promoted_because: NotRequired[str]


RunResult = RescoreResult | RetrainResult


class RetrainProgress(RunProgress, total=False):
    """How far a retraining has come.

    Attributes:
        curve: the last epochs.
        result: of the training, where only the promotion is left.
    """

    curve: list[CurvePoint]
    result: RetrainResult
