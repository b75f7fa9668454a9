"""Gives the site the pages that lie elsewhere in the repository, and its links to them.

The documents link to files of the repository, so that their links work on GitHub as well.
"""

import re
from pathlib import Path

import mkdocs_gen_files

from nophoto.models.vision.versions import shipped_version

ROOT = Path(__file__).parents[2]


ON_THE_SITE = {
    "../SECURITY.md": "security.md",
    "../CONTRIBUTING.md": "contributing.md",
    "../CHANGELOG.md": "changelog.md",
    "../models/vision/versions/shipped/": "model-card.md",
    "../worker/settings.py": "settings.md",
    "../jobs/cli/": "commands.md",
}
"""The page of the site for what a document of `docs/` links to."""


def page(file: Path) -> str:
    """The file, with its links as they are on the site."""
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"\]\(docs/([\w-]+\.md)", r"](\1", text)
    for source, shown in ON_THE_SITE.items():
        text = re.sub(rf"\]\({re.escape(source)}(#[^)]*)?\)", rf"]({shown}\1)", text)
    return text


SOURCES = {
    "security.md": ROOT / "SECURITY.md",
    "contributing.md": ROOT / "CONTRIBUTING.md",
    "changelog.md": ROOT / "CHANGELOG.md",
    "model-card.md": shipped_version().folder / "card.md",
}

for name, source in SOURCES.items():
    with mkdocs_gen_files.open(name, "w") as file:
        file.write(page(source))

for source in (ROOT / "docs").glob("*.md"):
    text = page(source)
    if text != source.read_text(encoding="utf-8"):
        with mkdocs_gen_files.open(source.name, "w") as file:
            file.write(text)
