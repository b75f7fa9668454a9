"""Gives the site the pages that lie elsewhere in the repository."""

import re
from pathlib import Path

import mkdocs_gen_files

from nophoto.models.vision.versions import shipped_version

ROOT = Path(__file__).parents[2]


def page(file: Path) -> str:
    """The file, with its links as they are on the site."""
    text = file.read_text(encoding="utf-8")
    return re.sub(r"\]\(docs/([\w-]+\.md)", r"](\1", text)


SOURCES = {
    "security.md": ROOT / "SECURITY.md",
    "contributing.md": ROOT / "CONTRIBUTING.md",
    "changelog.md": ROOT / "CHANGELOG.md",
    "model-card.md": shipped_version().folder / "card.md",
}

for name, source in SOURCES.items():
    with mkdocs_gen_files.open(name, "w") as file:
        file.write(page(source))
