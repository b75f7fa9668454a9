"""The recipe of a training: every number that its result depends on, pictures aside."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Recipe(BaseModel):
    """How a network is trained. The defaults are what the shipped version was trained with.

    Attributes:
        backbone: its name in the registry.
        input_size: height and width of the pictures that the network takes, in pixels; None for
            the backbone's own. Training and judging take time by its square.
        heads: that share the backbone, each from a seed of its own, `seed` and those after it. The
            similarity is the mean of theirs.
        dimension: of an embedding, a part of it from each head.
        hidden: widths of the dense layers of a head.
        dropout: share of the features and hidden values that a step leaves out.
        miner: which triplets of a batch count, a name of `MINERS`.
        margin: of the hinge loss, on squared distances; None for the soft margin.
        placeholders_per_batch: anchors and positives of a batch.
        negatives_per_batch: real pictures and distractors of a batch.
        steps: batches that are trained on.
        learning_rate: at the first step; it falls to 0 along a cosine.
        weight_decay: of AdamW.
        drawn: placeholder drawings, each by a seed of its own.
        distractors: drawings that are no placeholders.
        variants: changed copies of each picture file, beside the picture itself.
        reference_variants: changed copies of each shipped reference.
        hardened: flat, dark or blurred copies of each photograph.
        given_share: of a batch's placeholders that come from given files, where there are any.
        reference_share: of a batch's placeholders that come from references.
        distractor_share: of a batch's negatives.
        hardened_share: of a batch's negatives.
        seed: of every chance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str = "efficientnet-lite0"
    input_size: int | None = Field(default=None, ge=32)
    heads: int = Field(default=4, ge=1)
    dimension: int = Field(default=128, gt=1)
    hidden: tuple[int, ...] = (256,)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    miner: str = "semi-hard"
    margin: float | None = Field(default=0.5, gt=0)
    placeholders_per_batch: int = Field(default=64, ge=2)
    negatives_per_batch: int = Field(default=64, ge=1)
    steps: int = Field(default=1500, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    drawn: int = Field(default=5_000, ge=0)
    distractors: int = Field(default=2_000, ge=0)
    variants: int = Field(default=3, ge=0)
    reference_variants: int = Field(default=36, ge=0)
    hardened: int = Field(default=1, ge=0)
    given_share: float = Field(default=0.25, ge=0, le=1)
    reference_share: float = Field(default=0.15, ge=0, le=1)
    distractor_share: float = Field(default=0.25, ge=0, lt=1)
    hardened_share: float = Field(default=0.1, ge=0, lt=1)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _heads_share_the_dimension(self) -> Self:
        if self.dimension % self.heads or self.dimension < 2 * self.heads:
            raise ValueError(
                f"dimension={self.dimension} cannot be split among {self.heads} heads: it takes a "
                "multiple of the heads, and two for each at least"
            )
        return self

    @model_validator(mode="after")
    def _shares_leave_room(self) -> Self:
        for one, other in (
            ("given_share", "reference_share"),
            ("distractor_share", "hardened_share"),
        ):
            if getattr(self, one) + getattr(self, other) > 1:
                raise ValueError(f"{one} and {other} are more than a whole batch together")
        return self
