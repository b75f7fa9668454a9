"""Chooses words and the fonts that can set them."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

from babel.messages.mofile import read_mo

from nophoto.models.errors import NophotoError
from nophoto.models.vision.drawing.phrases import LANGUAGES

_PHRASES = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))
_FOREIGN = _PHRASES["foreign_notices"]
_FONTS = Path("/usr/share/fonts")
_LOCALES = Path("/usr/share/locale")
_DICTIONARY = Path("/usr/share/dict/american-english")
_DOMAINS = ("iso_3166-1", "iso_639-3", "iso_4217")
_LATIN = re.compile(
    r"NotoSans-|NotoSerif-|NotoSansMono-|NotoSansDisplay-|NotoSerifDisplay-|Liberation|OpenSans"
    r"|Open-Sans|Roboto|Lato|Lobster|DejaVu|Cantarell|Carlito|Comfortaa|Inter|EBGaramond|Quicksand"
    r"|LinLibertine|Cabin|Dosis|Play|Vollkorn|Junction|League",
    re.IGNORECASE,
)
_NO_LETTERS = re.compile("Symbol|Awesome|Math|Initials|Keyboard|Drawing")
_ALL_OF_EUROPE = re.compile(
    r"Noto(Sans|Serif)(Mono|Display)?-|DejaVu|Liberation|Roboto|OpenSans|Open-Sans|Inter|Carlito"
    r"|LinLib"
)
_SCRIPTS = {
    "ar": ("NotoSansArabic", "NotoKufiArabic", "NotoNaskhArabic"),
    "he": ("NotoSansHebrew", "NotoSerifHebrew"),
    "hi": ("NotoSansDevanagari", "NotoSerifDevanagari"),
    "th": ("NotoSansThai", "NotoSerifThai", "NotoLoopedThai"),
    "bn": ("NotoSansBengali",),
    "ta": ("NotoSansTamil",),
    "zh": ("NotoSansCJK", "NotoSerifCJK"),
}
_SAME_SCRIPT = {"fa": "ar", "ja": "zh", "ko": "zh"}
_UNSET = {"en", "ka", "hy"}
"""Languages of the package that are chosen otherwise, or whose fonts are seldom installed."""

_FREQUENT = {"zh", "ja", "ko", "de", "fr", "es", "ru", "pt"}

Words = tuple[str, Sequence[str]]
"""A text, and the paths of fonts that have its letters."""


class MissingWordsError(NophotoError):
    """Fonts or words of Debian are not installed."""


def check_installed() -> None:
    """Raise `MissingWordsError`, with the remedy, if this machine lacks fonts or words."""
    fonts = (*_scripts().values(), _latin(), _european())
    if not all(fonts) or not _DICTIONARY.is_file() or not _translated("iso_3166-1", "de"):
        raise MissingWordsError(
            "fonts and words are missing. On Debian: apt-get install fonts-noto-core "
            "fonts-noto-cjk fonts-noto-extra fonts-liberation fonts-dejavu fonts-roboto fonts-lato "
            "fonts-open-sans fonts-inter iso-codes wamerican"
        )


def absence(rng: Random) -> Words:
    """A notice that says absence, half of the time in English."""
    chance = rng.random()
    if chance < 0.22:
        parts = (
            rng.choice(_PHRASES["negations"]),
            rng.choice(_PHRASES["subjects"]),
            rng.choice(_PHRASES["ends"]),
        )
        return _cased(rng, " ".join(filter(None, parts))), _latin()
    if chance < 0.6:
        return _cased(rng, rng.choice(_PHRASES["notices"])), _latin()
    codes = [code for code in {**LANGUAGES, **_FOREIGN} if code not in _UNSET]
    weights = [3 if code in _FREQUENT else 1 for code in codes]
    code = rng.choices(codes, weights)[0]
    drawn = LANGUAGES[code].phrases if code in LANGUAGES else ()
    return _set(rng, rng.choice([*drawn, *_FOREIGN.get(code, ())]), code)


def other(rng: Random) -> Words:
    """Words that say no absence: titles, names, sentences, numbers."""
    chance = rng.random()
    if chance < 0.14:
        text = " ".join(rng.choice(_PHRASES["title_words"]) for _ in range(rng.randint(1, 3)))
        return _cased(rng, text), _latin()
    if chance < 0.34:
        words = [
            rng.choice(_dictionary()) if rng.random() < 0.6 else rng.choice(_PHRASES["title_words"])
            for _ in range(rng.randint(1, 4))
        ]
        return _cased(rng, " ".join(words)), _latin()
    if chance < 0.42:
        sentence = " ".join(rng.choice(_dictionary()) for _ in range(rng.randint(6, 22)))
        return sentence.capitalize() + rng.choice([".", "!", "?", ""]), _latin()
    if chance < 0.5:
        letters = "".join(
            rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(2, 4))
        )
        return letters + (str(rng.randint(1, 99)) if rng.random() < 0.2 else ""), _latin()
    if chance < 0.56:
        name = "".join(rng.choice(_PHRASES["syllables"]) for _ in range(rng.randint(2, 3)))
        return name.capitalize(), _latin()
    if chance < 0.62:
        return rng.choice(_figures(rng)), _latin()
    translated: list[str] = []
    language = ""
    while not translated:
        language = rng.choice(_PHRASES["translations"])
        translated = _translated(rng.choice(_DOMAINS), language)
    return _set(rng, rng.choice(translated), language[:2])


def _figures(rng: Random) -> list[str]:
    return [
        f"{rng.randint(1, 99)}%",
        f"${rng.randint(1, 999)}.{rng.randint(0, 99):02}",
        f"{rng.randint(1, 31)}.{rng.randint(1, 12)}.{rng.randint(1990, 2026)}",
        f"{rng.randint(0, 9999)}",
        f"No. {rng.randint(1, 99)}",
        f"{rng.randint(1, 12)}:{rng.randint(0, 59):02}",
        f"v{rng.randint(0, 9)}.{rng.randint(0, 20)}",
        f"#{rng.randint(1, 999)}",
        f"Lot {rng.randint(1, 999)}",
    ]


def _set(rng: Random, text: str, code: str) -> Words:
    """A text with fonts of its script; scripts with capitals at times in other letters."""
    code = _SAME_SCRIPT.get(code, code)
    if code in _SCRIPTS:
        return text, _scripts()[code]
    return _cased(rng, text), _european()


def _cased(rng: Random, text: str) -> str:
    chance = rng.random()
    if chance < 0.3:
        return text.upper()
    if chance < 0.45:
        return text.title()
    return text.lower() if chance < 0.52 else text


@cache
def _scripts() -> dict[str, Sequence[str]]:
    """Fonts of each of `_SCRIPTS`."""
    weights = re.compile("Regular|Bold|Medium|Black|Light")
    return {
        code: [
            str(path)
            for stem in stems
            for path in sorted(_FONTS.rglob(f"{stem}-*.*t[tc]*"))
            if weights.search(path.name)
        ]
        for code, stems in _SCRIPTS.items()
    }


@cache
def _latin() -> Sequence[str]:
    paths = map(str, sorted(_FONTS.rglob("*.*tf")))
    return [path for path in paths if _LATIN.search(path) and not _NO_LETTERS.search(path)]


@cache
def _european() -> Sequence[str]:
    """Fonts with Cyrillic and Greek letters, and with all accents."""
    return [path for path in _latin() if _ALL_OF_EUROPE.search(path)]


@cache
def _dictionary() -> Sequence[str]:
    words = _DICTIONARY.read_text(encoding="utf-8").split()
    return [word for word in words if "'" not in word and 2 < len(word) < 12]


@cache
def _translated(domain: str, language: str) -> list[str]:
    """The short translations of a domain of iso-codes; none where there is no such file."""
    path = _LOCALES / language / "LC_MESSAGES" / f"{domain}.mo"
    if not path.is_file():
        return []
    with path.open("rb") as file:
        messages = [message.string for message in read_mo(file) if message.id]
    return [text for text in messages if isinstance(text, str) and 2 < len(text) < 40]
