"""Asking for a retraining, and telling the training workers of one that waits."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from celery import Celery
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import DueRun
from nophoto.models.records.tables import RunKind
from nophoto.worker.dispatch.runs import tell

if TYPE_CHECKING:
    from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
    from nophoto.models.vision.training.recipes import Recipe

TARGET = 0.001
"""Share of real pictures that a threshold may flag, unless somebody says otherwise."""


class RetrainParametersError(NophotoError):
    """What was asked of a retraining cannot be done."""


class RetrainParameters(BaseModel):
    """What a retraining is asked to do; paths are the training worker's.

    Attributes:
        recipe: fields of the recipe that differ from its defaults; `{"recipe": "baseline"}` for the
            baseline recipe.
        placeholders: folders of placeholders, beside the drawn ones.
        real: folders of real pictures, one a source.
        composed: folders of real pictures that a program put together, one a source.
        held_out: a folder with `placeholder/` and `real/`, to measure with.
        anchors: of the baseline recipe: a folder or archive.
        picture: of the baseline recipe: a picture to tell the cosines of.
        sources: Markdown on where the pictures come from, for the model card.
        reviews: whether to learn what this database knows: references that were added, and uploads
            that moderators decided.
        target: share of real pictures that the threshold may flag.
        activations: a folder of activations that are kept between trainings.
        promote: whether the version is to judge if it passes the gate.
        confined: whether it may read only what uploads may; see
            `nophoto.worker.retraining.confinement`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("recipe")
    @classmethod
    def _know_former_name(cls, recipe: dict[str, Any]) -> dict[str, Any]:
        # Messages, and runs that were asked for before an upgrade; to be removed after 0.2.
        return recipe | {"recipe": "baseline"} if recipe.get("recipe") == "seed" else recipe

    recipe: dict[str, Any] = Field(default_factory=dict)
    placeholders: tuple[str, ...] = ()
    real: tuple[str, ...] = ()
    composed: tuple[str, ...] = ()
    held_out: str | None = None
    anchors: str | None = None
    picture: str | None = None
    sources: str = ""
    reviews: bool = True
    target: float = Field(default=TARGET, gt=0, le=0.5)
    activations: str | None = None
    promote: bool = False
    confined: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """Everything that it reads, files and folders."""
        several = (*self.placeholders, *self.real, *self.composed)
        single = (self.held_out, self.anchors, self.picture)
        return tuple(map(Path, (*several, *filter(None, single))))

    @classmethod
    def of(cls, values: Any) -> Self:
        """The parameters in plain values, the recipe's fields looked at as well.

        Raises:
            RetrainParametersError: naming the field that is wrong.
        """
        try:
            parameters = cls.model_validate(values)
            parameters.to_recipe()
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(map(str, first["loc"])) or "the parameters"
            if first["type"] == "extra_forbidden":
                raise RetrainParametersError(
                    f"a retraining has no field {name}; `nophoto retrain --help-recipe` lists the "
                    "fields of the recipe"
                ) from error
            raise RetrainParametersError(
                f"a retraining cannot be asked for: {name}: {first['msg']}"
            ) from error
        is_baseline = parameters.recipe.get("recipe") == "baseline"
        if not is_baseline and (parameters.anchors or parameters.picture):
            raise RetrainParametersError("anchors and picture belong to the baseline recipe")
        if is_baseline and parameters.placeholders:
            raise RetrainParametersError("the baseline recipe learns anchors, not placeholders")
        return parameters

    def to_recipe(self) -> "Recipe | BaselineRecipe":
        """The recipe, with its defaults."""
        from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
        from nophoto.models.vision.training.recipes import Recipe

        if self.recipe.get("recipe") == "baseline":
            return BaselineRecipe.model_validate(self.recipe)
        return Recipe.model_validate(self.recipe)


def request_retraining(
    database: Database, app: Celery, parameters: RetrainParameters, requested_by: str
) -> int:
    """Ask for a retraining, tell the training workers, and return the run's id.

    Raises:
        RunUnderWayError: if one is open.
        RunNotPublishedError: if the broker does not answer.
    """
    with database.transaction() as session:
        run_id = runs.request(session, RunKind.RETRAIN, parameters.model_dump(), requested_by)
    tell(app, DueRun(run_id, RunKind.RETRAIN))
    return run_id
