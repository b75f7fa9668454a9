"""The recipe of a training: every number that its result depends on, pictures aside."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Recipe(BaseModel):
    """How a network is trained. The defaults are what the shipped version was trained with.

    Attributes:
        backbone: a quantised backbone, or the name of a full one.
        input_size: height and width of the pictures that a full backbone takes, in pixels; None for
            the backbone's own, and for a quantised one, which has but one.
        dimension: of an embedding.
        hidden: width of the dense layer of the head.
        dropout: share of the features and hidden values that a step leaves out.
        absence_weight: of the axis of absence in a cosine; the rest is kind and copy.
        kind_weight, copy_weight: of these levels of the loss, beside that of absence.
        placeholders_per_batch: pictures, each with a copy.
        negatives_per_batch: real pictures and distractors, each with a copy.
        steps: batches that are trained on.
        learning_rate: at the first step; it falls to 0 along a cosine.
        weight_decay: of AdamW.
        drawn: placeholder drawings, each by a seed of its own.
        distractors: drawings that are not placeholders.
        variants: changed copies of each picture file, beside the picture itself.
        reference_variants: changed copies of each shipped reference.
        hardened: flat, dark or blurred copies of each photograph.
        given_share: of a batch's placeholders that come from given files, where there are any.
        reference_share: of a batch's placeholders that come from references.
        distractor_share: of a batch's negatives.
        cohort_share: of the real pictures and distractors that are not learnt, so that their
            embeddings say how near real pictures come to references.
        seed: random seed of the training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str = "lite0-192-int8"
    input_size: int | None = Field(default=None, ge=32)
    dimension: int = Field(default=128, gt=2)
    hidden: int = Field(default=768, ge=1)
    dropout: float = Field(default=0.3, ge=0, lt=1)
    absence_weight: float = Field(default=0.5, gt=0, lt=1)
    kind_weight: float = Field(default=1.0, ge=0)
    copy_weight: float = Field(default=0.3, ge=0)
    placeholders_per_batch: int = Field(default=128, ge=2)
    negatives_per_batch: int = Field(default=144, ge=1)
    steps: int = Field(default=3000, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-3, ge=0)
    drawn: int = Field(default=5_000, ge=0)
    distractors: int = Field(default=2_500, ge=0)
    variants: int = Field(default=2, ge=0)
    reference_variants: int = Field(default=24, ge=0)
    hardened: int = Field(default=1, ge=0)
    given_share: float = Field(default=0.45, ge=0, le=1)
    reference_share: float = Field(default=0.25, ge=0, le=1)
    distractor_share: float = Field(default=0.15, ge=0, lt=1)
    cohort_share: float = Field(default=0.2, ge=0, lt=1)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _shares_leave_room(self) -> Self:
        if self.given_share + self.reference_share > 1:
            raise ValueError("given_share and reference_share are more than a whole batch together")
        return self
