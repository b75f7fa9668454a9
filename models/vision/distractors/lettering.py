"""Words that say no absence: headlines, greetings, prices, quotes, in several scripts."""

import unicodedata

from numpy.random import Generator

from nophoto.models.vision.drawing.phrases import LANGUAGES, LATIN
from nophoto.models.vision.drawing.typography import Caption

_HEADLINES = (
    *("SALE", "50% OFF", "Grand Opening", "Happy Birthday", "Merry Christmas", "Live Music"),
    *("Summer Festival", "Open House", "Now Hiring", "Fresh Bread Daily", "Good Morning"),
    *("Thank You", "Dream Big", "Jazz Night", "Farmers Market", "Yoga for Beginners", "MENU"),
    *("Free Delivery", "Frohe Weihnachten", "Alles Gute", "Feliz Navidad", "Buon viaggio"),
    *("Boa sorte", "Hartelijk bedankt", "God jul", "Selamat pagi", "Science Fair 2024"),
    *("Garage Sale Saturday", "Book Club", "Vote!", "We Are Open", "Two for One", "The Last Train"),
    *("Winter Tales", "Ocean of Light", "A Short History", "Midnight Garden", "Blue Rivers"),
)
_QUOTES = (
    "Be the change that you wish to see in the world",
    "The only way out is through",
    "Not all those who wander are lost",
    "Do small things with great love",
    "Fortune favours the bold",
    "Simplicity is the ultimate sophistication",
    "Well begun is half done",
    "If you want to go far, go together",
    "Every day is a second chance",
    "Work hard in silence, let success make the noise",
    "Dear customers, we are closed on Monday, see you on Tuesday",
    "Ten percent for members on all shoes until Sunday evening",
    "When you finally fix the bug and two new ones appear",
    "Wer rastet, der rostet",
    "Poco a poco se va lejos",
    "Chi va piano va sano e va lontano",
    "Petit à petit, l'oiseau fait son nid",
)
_FIRST = ("Anna", "Marco", "Lena", "Ivan", "Noor", "Kenji", "Maria", "Tom", "Sofia", "Adam", "Ines")
_LAST = ("Berg", "Rossi", "Novak", "Okafor", "Silva", "Tanaka", "Weber", "Costa", "Lind", "Moreau")
_SYLLABLES = ("no", "va", "lu", "mi", "ka", "ro", "ti", "ze", "bo", "fy", "pix", "dex", "lo", "ari")
_FOREIGN = tuple(code for code, chosen in LANGUAGES.items() if chosen.fonts is not LATIN)


def headline(rng: Generator) -> Caption:
    """A few words to be read from afar; one in five in a script of its own, of no meaning."""
    if rng.random() < 0.2:
        return foreign(rng, int(rng.integers(1, 4)))
    text = _HEADLINES[int(rng.integers(len(_HEADLINES)))]
    return Caption(text.upper() if rng.random() < 0.3 else text)


def quote(rng: Generator) -> Caption:
    """A sentence; one in four in a script of its own, of no meaning."""
    if rng.random() < 0.25:
        return foreign(rng, int(rng.integers(5, 12)))
    return Caption(_QUOTES[int(rng.integers(len(_QUOTES)))])


def name(rng: Generator) -> Caption:
    """A person's first and last name."""
    first, last = rng.integers(len(_FIRST)), rng.integers(len(_LAST))
    return Caption(f"{_FIRST[int(first)]} {_LAST[int(last)]}")


def price(rng: Generator) -> Caption:
    """An amount of money, a discount, or a number of a lot."""
    style = rng.integers(3)
    amount = rng.uniform(1, 400)
    texts = (f"${amount:.2f}", f"-{int(rng.integers(1, 9)) * 10}%", f"{amount:,.0f} EUR")
    return Caption(texts[int(style)])


def brand(rng: Generator) -> Caption:
    """A name that no company has."""
    count = int(rng.integers(2, 4))
    text = "".join(_SYLLABLES[int(rng.integers(len(_SYLLABLES)))] for _ in range(count))
    return Caption(text.capitalize() if rng.random() < 0.6 else text)


def foreign(rng: Generator, words: int) -> Caption:
    """Words of the syllables of another script's phrases, mixed so that they say nothing.

    The fonts hold no other letters than those of the phrases.
    """
    language = LANGUAGES[_FOREIGN[int(rng.integers(len(_FOREIGN)))]]
    syllables = [part for phrase in language.phrases for part in _syllables(phrase)]
    while True:
        lengths = rng.integers(2, 6, words)
        text = " ".join("".join(rng.choice(syllables, length)) for length in lengths)
        if not any(phrase in text for phrase in language.phrases):
            return Caption(text, language.fonts, language.code)


def _syllables(phrase: str) -> list[str]:
    """The letters of a phrase, each with the marks that stand on it."""
    parts: list[str] = []
    for letter in phrase:
        is_mark = unicodedata.category(letter).startswith("M")
        is_joined = bool(parts) and unicodedata.combining(parts[-1][-1]) == 9  # a virama
        if parts and (is_mark or is_joined):
            parts[-1] += letter
        elif letter.isalpha():
            parts.append(letter)
    return parts
