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
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from benchmarks import machine, page
from benchmarks.table import Table
from nophoto.jobs.cli.rendering.output import say, warn
from nophoto.models.vision.versions import shipped_version

_LONGEST = 1_800.0
"""Seconds that one benchmark may take."""

_SAID_ONCE = ("processor", "memory", "system")
"""What a section says at its head."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One command.

    Attributes:
        title: of its section.
        arguments: the module and its options, without `--json`.
        plot: the name of the picture that it draws when told so by `--plot FILE`; empty for none.
        is_text: whether its output is shown as it prints it, rather than as tables.
        needs_more: whether it is left out unless it is named: it needs what its docstring says.
    """

    title: str
    arguments: tuple[str, ...]
    plot: str = ""
    is_text: bool = False
    needs_more: bool = False


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
    Benchmark(
        "Sizes and precisions",
        (
            "benchmarks.input_sizes",
            *("--instructions", "AVX2"),
            *("--instructions", "AVX512_CORE_VNNI"),
        ),
    ),
    Benchmark(
        "Old beside new",
        (
            *("benchmarks.beside_checkout", "build/old"),
            *("--instructions", "AVX2"),
            *("--instructions", "AVX512_CORE_VNNI"),
        ),
        needs_more=True,
    ),
    Benchmark("Two worker hosts", ("benchmarks.two_hosts",), plot="two-hosts.png"),
    Benchmark("Latency", ("benchmarks.latency",)),
    Benchmark("HTTP API", ("benchmarks.http",), is_text=True),
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
    """Run the benchmarks one after the other and write the page; other sections of it stay."""
    images = out.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    chosen = [
        each
        for each in BENCHMARKS
        if (each.arguments[0].split(".")[1] in only if only else not each.needs_more)
    ]
    sections = page.sections(out.read_text(encoding="utf-8")) if out.is_file() else {}
    failed = []
    for benchmark in chosen:
        started = monotonic()
        say(f"{benchmark.title} …")
        outcome = run(benchmark, images)
        say(f"{benchmark.title}: {monotonic() - started:.0f} seconds")
        if outcome.error:
            warn(f"{benchmark.title} failed: {outcome.error}")
            failed.append(benchmark.title)
        sections[benchmark.title] = _section(benchmark, outcome)
        # Each time, so that who stops it keeps what there is.
        text = page.write(sections, [each.title for each in BENCHMARKS])
        out.write_text(text, encoding="utf-8")
    say(f"wrote {out}")
    if failed:
        raise typer.Exit(1)


def _section(benchmark: Benchmark, outcome: Outcome) -> str:
    command = "python -m " + " ".join(benchmark.arguments)
    measured = [value for name, value in machine.facts().items() if name in _SAID_ONCE]
    measured += [f"model version {shipped_version().id}", f"{date.today():%Y-%m-%d}"]
    parts: Sequence[str] = [f"## {benchmark.title}", f"`{command}`", "; ".join(measured) + "."]
    if outcome.error:
        return "\n\n".join([*parts, f"Failed: {outcome.error}"]) + "\n"
    if benchmark.plot:
        parts = [*parts, f"![{benchmark.title}](images/{benchmark.plot})"]
    return "\n\n".join([*parts, outcome.markdown])


if __name__ == "__main__":
    typer.run(main)
