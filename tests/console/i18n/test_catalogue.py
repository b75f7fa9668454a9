import re
from pathlib import Path

import pytest
from babel import Locale

from nophoto import console
from nophoto.console.i18n.catalogue import LANGUAGES, Translations, _catalogue, preferred
from nophoto.console.i18n.reasons import reason_in_words
from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters, decode
from nophoto.models.records.tables import RunKind, RunState
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.broker.app import LANES, TRAINING

ROOM = Path(console.__file__).parent
ENGLISH = _catalogue("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    catalogue = _catalogue(language)
    assert list(catalogue) == list(ENGLISH)
    forms = {*Locale.parse(language).plural_form.tags, "other"}
    for name, text in catalogue.items():
        assert isinstance(text, dict) == isinstance(ENGLISH[name], dict), name
        if isinstance(text, dict):
            assert set(text) == forms, name
        assert holes_of(text) == holes_of(ENGLISH[name]), name


def holes_of(text: str | dict[str, str]) -> set[tuple[str, ...]]:
    """The places for values; every plural form has the same."""
    forms = text.values() if isinstance(text, dict) else [text]
    return {tuple(sorted(re.findall(r"\{(\w+)\}", form))) for form in forms}


@pytest.mark.parametrize(
    ("language", "count", "sentence"),
    [
        ("en", 1, "1 upload (missing) is queued again."),
        ("en", 0, "0 uploads (missing) are queued again."),
        ("en", 1_000_000, "1 000 000 uploads (missing) are queued again."),
        ("ru", 1, "Снова в очереди 1 загрузка (missing)."),
        ("ru", 21, "Снова в очереди 21 загрузка (missing)."),
        ("ru", 3, "Снова в очереди 3 загрузки (missing)."),
        ("ru", 12, "Снова в очереди 12 загрузок (missing)."),
        ("ru", 1_005, "Снова в очереди 1 005 загрузок (missing)."),
    ],
)
def test_a_number_and_its_noun_agree(language: str, count: int, sentence: str) -> None:
    said = Translations(language)("queue.retried", n=count, code="missing")
    assert said.replace("\N{NARROW NO-BREAK SPACE}", " ") == sentence


def test_every_text_that_a_page_names_is_there_and_every_text_is_named() -> None:
    code = "".join(file.read_text() for file in ROOM.rglob("*") if file.suffix in (".py", ".html"))
    families = {name.partition(".")[0] for name in ENGLISH}
    # A name that a word of the tables completes ends with a dot: "failure." ~ code, f"role.{role}".
    named = {
        name.partition("{")[0]
        for name in re.findall(r"""["']([a-z_]+\.[a-z_.{-]*)""", code)
        if name.partition(".")[0] in families and not name.endswith(".html")
    }
    starts = tuple(name for name in named if name.endswith("."))
    assert not {name for name in named - ENGLISH.keys() if name not in starts}
    assert not {name for name in ENGLISH.keys() - named if not name.startswith(starts)}


def test_every_word_of_the_tables_has_a_text() -> None:
    wanted = [f"failure.{code}" for code in FailureCode]
    wanted += [f"failure.means.{code}" for code in FailureCode]
    wanted += [f"lane.{lane}" for lane in (*LANES, TRAINING)]
    wanted += [f"verdict.{word}" for word in Verdict]
    wanted += [f"run.kind.{kind}" for kind in RunKind]
    wanted += [f"run.state.{state}" for state in RunState]
    wanted += [f"reason.{code}" for code in ReasonCode if code is not ReasonCode.OTHER]
    assert not [name for name in wanted if name not in ENGLISH]


def test_values_stand_in_their_places() -> None:
    assert Translations("en")("page.of", place=2, places=7) == "page 2 of 7"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de, en;q=0.5, ru;q=0.7", "ru"),
        ("de,fr", "en"),
        ("ru;q=x", "en"),
    ],
)
def test_the_language_is_the_one_that_the_browser_prefers(header: str, language: str) -> None:
    assert preferred(header) == language


_ALLOWED = ReasonParameters(allowed_id=3, name="logo (old).png", text="ours: the first page")


@pytest.mark.parametrize(
    ("reason", "read"),
    [
        (
            Reason(ReasonCode.REFERENCE_QUARANTINED, ReasonParameters(reference_id=7)),
            "задержано: образец № 7 в карантине. Верните или исключите его на странице «Образцы»",
        ),
        (
            Reason(ReasonCode.ALLOWED_BYTES, _ALLOWED),
            "это картинка № 3 из исключений (logo (old).png): ours: the first page",
        ),
        (
            Reason(ReasonCode.ALLOWED_LOOK_ALIKE, _ALLOWED),
            "похожа на картинку № 3 из исключений (logo (old).png): ours: the first page",
        ),
        (decode("a sentence of an older worker"), "a sentence of an older worker"),
    ],
)
def test_a_reason_is_told_in_the_language_of_the_page(reason: Reason, read: str) -> None:
    assert reason_in_words(reason, Translations("ru")) == read
