"""Runs the benchmarks that need nothing but time, and writes them into `docs/benchmarks.md`.

`python -m benchmarks` takes one to two hours on two cores that do nothing else. One that fails
is named in the page, and makes this command fail at its end. `benchmarks.accuracy`,
`baseline_faults` and `training` train networks for far longer, the first two on a corpus: they are
run by hand.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from benchmarks import machine
from benchmarks.table import Table
from nophoto.jobs.cli.rendering.output import say, warn

_LONGEST = 1_800.0
"""Seconds that one benchmark may take."""

_SAID_ONCE = ("processor", "memory", "system")
"""What is the same for all of them."""

_HEAD = """# Benchmarks

Written by `make bench`; each section names the command that repeats it alone. Figures of one table
come from one run: compare them with each other, and with another machine's only by ratio. Those
that train networks for long are not among them: [accuracy](accuracy.md),
[the baseline recipe](baseline-recipe.md) and [models](models.md) name their commands.

"""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One command.

    Attributes:
        title: of its section.
        arguments: the module and its options, without `--json`.
        plot: the name of the picture that it draws when told so by `--plot FILE`; empty for none.
        is_text: whether its output is shown as it prints it, rather than as tables.
    """

    title: str
    arguments: tuple[str, ...]
    plot: str = ""
    is_text: bool = False


BENCHMARKS = (
    Benchmark("End to end", ("benchmarks.end_to_end",), plot="end-to-end.png"),
    Benchmark(
        "End to end, 12 megapixels",
        ("benchmarks.end_to_end", "--megapixels", "12", "--pictures", "288", "--rounds", "3"),
        plot="end-to-end-12-megapixels.png",
    ),
    Benchmark(
        "Processor time of one photo", ("benchmarks.processor_time",), plot="processor-time.png"
    ),
    Benchmark("Beside Keras and the baseline", ("benchmarks.beside_keras",)),
    Benchmark("Two worker hosts", ("benchmarks.two_hosts",), plot="two-hosts.png"),
    Benchmark("Latency", ("benchmarks.latency",)),
    Benchmark("A version in the shadow", ("benchmarks.shadow",)),
    Benchmark("Start and memory", ("benchmarks.startup",)),
    Benchmark("Change-over", ("benchmarks.change_over",)),
    Benchmark("Enqueueing", ("benchmarks.enqueue",)),
    Benchmark("Rescoring", ("benchmarks.rescoring",), is_text=True),
    Benchmark("Webhooks", ("benchmarks.webhooks",), is_text=True),
    Benchmark("Decoding", ("benchmarks.decoding",), plot="decoding.png"),
    Benchmark("Isolation", ("benchmarks.isolation",)),
    Benchmark("Uploads from an object store", ("benchmarks.storage",), is_text=True),
    Benchmark("Engines", ("benchmarks.engines", "--pictures", "200"), plot="engines.png"),
    Benchmark("Growth", ("benchmarks.growth",), plot="growth.png"),
    Benchmark("Console", ("benchmarks.console",), is_text=True),
    Benchmark("Robustness", ("benchmarks.robustness", "--repeats", "1"), is_text=True),
    Benchmark(
        "Kept activations",
        ("benchmarks.activation_cache", "--anchors", "30", "--rounds", "1"),
        is_text=True,
    ),
)
"""In the order of the page."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a benchmark printed, as Markdown, and why it failed; empty where it did not."""

    markdown: str
    error: str = ""


def run(benchmark: Benchmark, images: Path) -> Outcome:
    """Run one benchmark in a process of its own."""
    options = [] if benchmark.is_text else ["--json"]
    options += ["--plot", str(images / benchmark.plot)] if benchmark.plot else []
    try:
        done = subprocess.run(
            [sys.executable, "-m", *benchmark.arguments, *options],
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            timeout=_LONGEST,
        )
    except subprocess.TimeoutExpired:
        return Outcome("", f"it took more than {_LONGEST:g} seconds")
    if done.returncode:
        return Outcome("", done.stderr[-1_000:] or f"exit status {done.returncode}")
    if benchmark.is_text:
        return Outcome(f"```text\n{done.stdout.rstrip()}\n```\n")
    # Libraries may print before it.
    return Outcome(_markdown(json.loads(done.stdout.splitlines()[-1])))


def _markdown(found: dict[str, Any]) -> str:
    tables = [Table(**table).markdown() for table in found["tables"]]
    facts = ((n, v) for n, v in found["facts"].items() if n not in _SAID_ONCE)
    return "\n".join([*tables, "; ".join(f"{name} {value}" for name, value in facts)]) + "\n"


def main(
    only: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="Modules such as latency; without any, all that need nothing else."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The page; plots go into images/ beside it.")
    ] = Path("docs/benchmarks.md"),
) -> None:
    """Run the benchmarks one after the other and write the page."""
    images = out.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    chosen = [b for b in BENCHMARKS if not only or b.arguments[0].split(".")[1] in only]
    where = "; ".join(value for name, value in machine.facts().items() if name in _SAID_ONCE)
    sections, failed = [], []
    for benchmark in chosen:
        started = monotonic()
        say(f"{benchmark.title} …")
        outcome = run(benchmark, images)
        say(f"{benchmark.title}: {monotonic() - started:.0f} seconds")
        if outcome.error:
            warn(f"{benchmark.title} failed: {outcome.error}")
            failed.append(benchmark.title)
        sections.append(_section(benchmark, outcome))
        # Each time, so that who stops it keeps what there is.
        out.write_text(_HEAD + f"{where}.\n\n" + "\n".join(sections), encoding="utf-8")
    say(f"wrote {out}")
    if failed:
        raise typer.Exit(1)


def _section(benchmark: Benchmark, outcome: Outcome) -> str:
    command = "python -m " + " ".join(benchmark.arguments)
    parts: Sequence[str] = [f"## {benchmark.title}", f"`{command}`"]
    if outcome.error:
        return "\n\n".join([*parts, f"Failed: {outcome.error}"]) + "\n"
    if benchmark.plot:
        parts = [*parts, f"![{benchmark.title}](images/{benchmark.plot})"]
    return "\n\n".join([*parts, outcome.markdown])


if __name__ == "__main__":
    typer.run(main)
