"""The recipe of a training: every number that its result depends on, pictures aside."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

QUICK: Mapping[str, Any] = {
    "steps": 600,
    "drawn": 800,
    "distractors": 400,
    "reference_variants": 6,
}
"""Fields of a recipe for a try: a few minutes on two cores, and less accurate."""


class Recipe(BaseModel):
    """How a network is trained. The defaults are what the shipped version was trained with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str = Field(
        default="lite0-tuned-160-end7-int8",
        description="Frozen backbone: a quantised one, or the name of a full one.",
    )
    input_size: int | None = Field(
        default=None,
        ge=32,
        description="Height and width in pixels of the pictures that a full backbone takes; empty "
        "for the backbone's own. A quantised one has only its own.",
    )
    dimension: int = Field(default=128, gt=2, description="Numbers of an embedding.")
    hidden: int = Field(default=1024, ge=1, description="Width of the head's dense layer.")
    dropout: float = Field(
        default=0.4,
        ge=0,
        lt=1,
        description="Share of the features and hidden values that a step leaves out.",
    )
    absence_weight: float = Field(
        default=0.4,
        gt=0,
        lt=1,
        description="Share of the axis of absence in a cosine; the rest is kind and copy.",
    )
    kind_weight: float = Field(
        default=1.0, ge=0, description="Weight of the loss of kinds, beside that of absence."
    )
    copy_weight: float = Field(
        default=0.9, ge=0, description="Weight of the loss of copies, beside that of absence."
    )
    placeholders_per_batch: int = Field(
        default=128, ge=2, description="Placeholders of a step, each with a changed copy."
    )
    negatives_per_batch: int = Field(
        default=144,
        ge=1,
        description="Real pictures and distractors of a step, each with a changed copy.",
    )
    steps: int = Field(default=3000, ge=1, description="Batches that are trained on.")
    learning_rate: float = Field(
        default=1e-3, gt=0, description="Learning rate at the first step; a cosine ends it at 0."
    )
    weight_decay: float = Field(default=1e-3, ge=0, description="Weight decay of AdamW.")
    drawn: int = Field(default=5_000, ge=0, description="Placeholders that are drawn.")
    distractors: int = Field(
        default=2_500, ge=0, description="Drawings that are not placeholders: logos, covers, cards."
    )
    variants: int = Field(
        default=2, ge=0, description="Changed copies of each picture file, beside the file itself."
    )
    looks: int = Field(
        default=6,
        ge=0,
        description="Each of your placeholders in other colours, so many times, with a copy.",
    )
    reference_variants: int = Field(
        default=24, ge=0, description="Changed copies of each shipped reference."
    )
    hardened: int = Field(
        default=1, ge=0, description="Flat, dark or blurred copies of each real picture."
    )
    given_share: float = Field(
        default=0.55,
        ge=0,
        le=1,
        description="Share of a batch's placeholders that come from your files, if you name any.",
    )
    reference_share: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="Share of a batch's placeholders that come from references.",
    )
    distractor_share: float = Field(
        default=0.15, ge=0, lt=1, description="Share of a batch's negatives that are distractors."
    )
    cohort_share: float = Field(
        default=0.3,
        ge=0,
        lt=1,
        description="Share of the real pictures that are not learnt: their embeddings, with those "
        "of common copies, say how near real pictures come to references.",
    )
    seed: int = Field(default=0, ge=0, description="Random seed of the training.")

    @model_validator(mode="after")
    def _shares_leave_room(self) -> Self:
        if self.given_share + self.reference_share > 1:
            raise ValueError("given_share and reference_share are more than a whole batch together")
        return self
