"""What `nophoto cross-validate` refuses before anything is computed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result


@pytest.mark.parametrize(
    ("change", "message"), [("steps", "NAME=VALUE"), ("stepz=3", "stepz"), ("steps=0", "steps")]
)
def test_a_field_that_a_recipe_has_not_is_refused(
    cli: Callable[..., Result], known_folder: Path, change: str, message: str
) -> None:
    refused = cli("cross-validate", known_folder, "--set", change)
    assert refused.exit_code == 2
    assert message in refused.stderr


def test_too_few_projects_are_refused_before_anything_is_computed(
    cli: Callable[..., Result], known_folder: Path
) -> None:
    refused = cli("cross-validate", known_folder, "--folds", 3)
    assert refused.exit_code == 1
    assert "real pictures of 2 projects" in refused.stderr
