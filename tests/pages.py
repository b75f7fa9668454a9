"""What the pages of the documentation hold."""

import re


def blocks(page: str, language: str) -> list[str]:
    """The blocks of `language` in the text of a page, in their order."""
    found: list[str] = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page)
    return found
