"""Writes the figures of `docs/figures.toml` into the documents, or checks that they stand there.

A figure is named by comments, which no reader sees: `<!--figure NAME-->80<!--/-->`. One that is
measured again is changed in one place, and every page follows.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FIGURE = re.compile(r"<!--figure ([\w-]+)-->(.*?)<!--/-->", re.S)


def main(arguments: list[str]) -> int:
    """Fill the figures in; with `--check`, only tell which differ. The exit status says so."""
    figures = {
        name: figure["value"]
        for name, figure in tomllib.loads((ROOT / "docs/figures.toml").read_text()).items()
    }
    listed = subprocess.run(
        ["git", "ls-files", "*.md"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wrong: list[str] = []
    used: set[str] = set()
    for name in listed.stdout.splitlines():
        file = ROOT / name
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        found = [(match[1], match[2]) for match in _FIGURE.finditer(text)]
        used |= {figure for figure, _ in found}
        wrong += [
            f"{name}: there is no figure {figure}" for figure, _ in found if figure not in figures
        ]
        filled = _FIGURE.sub(
            lambda match: f"<!--figure {match[1]}-->{figures.get(match[1], match[2])}<!--/-->", text
        )
        if filled == text:
            continue
        if "--check" in arguments:
            wrong += [
                f"{name}: {figure} is {value}, not {figures[figure]}; run `make format`"
                for figure, value in found
                if figures.get(figure, value) != value
            ]
        else:
            file.write_text(filled, encoding="utf-8")
    wrong += [
        f"docs/figures.toml: no document has the figure {name}" for name in figures.keys() - used
    ]
    print("\n".join(sorted(wrong)) or "every figure of the documents is that of docs/figures.toml")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
