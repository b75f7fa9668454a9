"""The numbers of the seed's recipe."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SeedRecipe(BaseModel):
    """How the seed trains. The defaults are its own.

    Attributes:
        recipe: tells this one from the default recipe.
        backbone: its name in the registry; its frozen part is cached, the rest is trained.
        anchors: placeholders to learn from, at most; each makes one triplet.
        epochs: times that every triplet is seen.
        batch_size: triplets of one step.
        learning_rate: of Adam.
        margin: of the hinge loss, on squared distances.
        dimension: of an embedding.
        hidden: widths of the dense layers before it.
        validation: share of the triplets that are only measured with.
        seed: of every chance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Literal["seed"] = "seed"
    backbone: str = "resnet50"
    anchors: int = Field(default=100, ge=2)
    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=1e-5, gt=0)
    margin: float = Field(default=0.5, gt=0)
    dimension: int = Field(default=256, gt=1)
    hidden: tuple[int, ...] = (512,)
    validation: float = Field(default=0.2, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)
