"""The page of the benchmarks: what is measured again takes its section's place, the rest stays."""

import re
from collections.abc import Mapping, Sequence

HEAD = """# Benchmarks

Written by `make bench`; each section names the command that repeats it alone, and says with which
machine and which model version its figures were found: those that were not repeated since keep
theirs. Figures of one table come from one run: compare them with each other, and with another
machine's only by ratio. Those that train networks for long are not among them:
[accuracy](accuracy.md), [the baseline recipe](baseline-recipe.md) and [models](models.md) name
their commands.

"""

_SECTION = re.compile(r"^## (?P<title>.+)\n", re.MULTILINE)


def sections(page: str) -> dict[str, str]:
    """The sections of a page by their titles, each with its title."""
    starts = list(_SECTION.finditer(page))
    ends = [match.start() for match in starts[1:]] + [len(page)]
    return {
        match["title"]: page[match.start() : end].rstrip() + "\n"
        for match, end in zip(starts, ends, strict=True)
    }


def write(found: Mapping[str, str], order: Sequence[str]) -> str:
    """The page of those sections whose titles are in `order`."""
    return HEAD + "\n".join(found[title] for title in order if title in found)
