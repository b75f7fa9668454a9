"""Checks that every link of the documents leads somewhere as they lie in the repository.

The site has pages that no file holds; on GitHub a link to one of them would lead nowhere.
"""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[2]

_LINK = re.compile(r"""\]\(<?([^)<>\s]+)>?(?:\s"[^"]*")?\)|(?:src|href)="([^"]+)\"""")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.M)


def main() -> int:
    """Print what leads nowhere; the exit status says whether anything does."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [
        f"{name}: {problem}"
        for name in listed.stdout.splitlines()
        if (ROOT / name).is_file()
        for problem in problems(ROOT / name)
    ]
    print("\n".join(found) or "every link of the documents leads somewhere")
    return bool(found)


def problems(file: Path) -> list[str]:
    """A sentence for each link of a document that leads nowhere."""
    text = _CODE.sub("", file.read_text(encoding="utf-8"))
    found = []
    for match in _LINK.finditer(text):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (file.parent / unquote(path)).resolve() if path else file
        if not target.exists():
            found.append(f"there is no {path}; link to a file of the repository")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            found.append(f"{path or file.name} has no heading #{anchor}")
    return found


def anchors(file: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", file.read_text(encoding="utf-8"), flags=re.M | re.S)
    found: set[str] = set()
    for heading in _HEADING.findall(text):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        number = sum(
            1 for each in found if each == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", each)
        )
        found.add(f"{slug}-{number}" if number else slug)
    return found


if __name__ == "__main__":
    sys.exit(main())
