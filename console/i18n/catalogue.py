"""What the pages say, in each language; one catalogue file a language."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel import Locale

_FOLDER = Path(__file__).with_name("catalogues")

LANGUAGES = {"en": "English", "ru": "Русский"}
"""What each language calls itself; the first one is for browsers that ask for none of them."""


class Translations:
    """The texts of one language.

    Args:
        language: of `LANGUAGES`.
        sub_path: before every link of a page, such as `/nophoto`; empty where there is none.
    """

    def __init__(self, language: str, sub_path: str = "") -> None:
        self.language = language
        self.sub_path = sub_path
        self._texts = _catalogue(language)
        self._plural = Locale.parse(language).plural_form

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of this name, with values in the places that it leaves for them.

        A number `n` chooses between the plural forms of a text, and is shown in groups of digits.
        """
        text, number = self._texts[name], values.get("n")
        if isinstance(number, int):
            values["n"] = grouped(number)
        if isinstance(text, dict):
            if not isinstance(number, int):
                raise TypeError(f"{name} has plural forms: it takes a number n")
            text = text[self._plural(number)]
        return text.format(**values)


def grouped(number: int) -> str:
    """A count in groups of three digits, as every page shows it."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


@cache
def _catalogue(language: str) -> Mapping[str, str | dict[str, str]]:
    found: dict[str, str | dict[str, str]] = json.loads(
        (_FOLDER / f"{language}.json").read_text(encoding="utf-8")
    )
    return found


def preferred(accepted: str) -> str:
    """The language of `LANGUAGES` that a browser's Accept-Language header prefers."""
    weighed: list[tuple[float, str]] = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), name.partition("-")[0].lower()))
        except ValueError:
            continue
    for _, name in sorted(weighed, key=lambda pair: pair[0]):
        if name in LANGUAGES:
            return name
    return next(iter(LANGUAGES))
