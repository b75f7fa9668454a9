"""The numbers of the baseline recipe."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class BaselineRecipe(BaseModel):
    """How the baseline, the Keras siamese example on ResNet50, is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Literal["baseline"] = Field(
        default="baseline", description="Tells this recipe from the default one."
    )
    backbone: str = Field(
        default="resnet50",
        description="Backbone; its frozen part is computed once, the rest is trained.",
    )
    anchors: int = Field(
        default=100,
        ge=2,
        description="Placeholders to learn from, at most; each makes one triplet.",
    )
    epochs: int = Field(default=30, ge=1, description="Times that every triplet is seen.")
    batch_size: int = Field(default=32, ge=1, description="Triplets of one step.")
    learning_rate: float = Field(default=1e-5, gt=0, description="Learning rate of Adam.")
    margin: float = Field(
        default=0.5, gt=0, description="Margin of the hinge loss, on squared distances."
    )
    dimension: int = Field(default=256, gt=1, description="Numbers of an embedding.")
    hidden: tuple[int, ...] = Field(
        default=(512,), description="Widths of the dense layers before the embedding."
    )
    validation: float = Field(
        default=0.2, gt=0, lt=1, description="Share of the triplets that are only measured with."
    )
    seed: int = Field(default=0, ge=0, description="Random seed of the training.")
