"""Having a newer processor compute as an older one does."""

from collections.abc import Mapping
from typing import Annotated

import typer

_VARIABLE = "ONEDNN_MAX_CPU_ISA"
"""Which instructions oneDNN uses at most, by which OpenVINO and TensorFlow compute."""

Instructions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="What the networks may use at most, such as AVX2 or AVX512_CORE_VNNI; repeatable. "
        "Without it all that the processor has.",
    ),
]
"""The option of a benchmark that measures as several processors would."""


def restricted(environment: Mapping[str, str], instructions: str | None) -> dict[str, str]:
    """`environment` for a process whose networks use no newer instructions than these."""
    return dict(environment) | ({_VARIABLE: instructions} if instructions else {})
