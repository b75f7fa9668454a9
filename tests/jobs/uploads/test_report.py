from html.parser import HTMLParser
from pathlib import Path

import pytest

from nophoto.models.records import references
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import FailureCode


class Page(HTMLParser):
    """Every tag's attributes, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str, css: str = "") -> list[dict[str, str | None]]:
        found = [attributes for name, attributes in self.tags if name == tag]
        return [a for a in found if css in ["", *(a.get("class") or "").split()]]


@pytest.fixture
def read(cli, picture, monkeypatch):
    """Runs `nophoto report` under the roots of the test and parses what it wrote."""
    monkeypatch.setenv("NOPHOTO_ROOTS", str(picture("a.png").parent))

    def run(*arguments):
        result = cli("report", *arguments)
        assert result.exit_code == 0
        file = Path("nophoto-report.html")
        assert result.stdout.strip() == str(file.absolute())
        return Page(file.read_text())

    return run


def test_report_holds_itself_and_escapes_what_strangers_name(read, upgraded, outcomes, picture):
    evil = '<script>alert("x")</script>'
    outcomes(
        upgraded,
        (evil, str(picture("a.png")), 0.9),
        ("b", str(picture("b.png")), -0.9),
        ("gone", "/no/such/file.png", 0.95),
        ("broken'<i>", "/c.png", FailureCode.UNREADABLE),
    )
    page = read()
    assert not page.all("script")
    assert not page.all("i", "x")
    assert evil in page.text
    assert "broken'<i>" in page.text
    assert "look at the <file>" in page.text
    for _, attributes in page.tags:
        assert not attributes.get("src", "data:").removeprefix("data:").startswith("http")
        assert "href" not in attributes
        assert not any(name.startswith("on") for name in attributes)
    sources = [attributes["src"] for attributes in page.all("img")]
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    # Two uploads can be shown, and each of the three has a reference beside it.
    assert len(sources) == 5
    assert "default-src 'none'" in next(
        a["content"] for a in page.all("meta") if a.get("http-equiv")
    )
    assert "url(" not in page.text
    assert "@import" not in page.text


def test_most_similar_first_and_marked(read, installed, outcomes, monkeypatch):
    with installed.reading() as session:
        threshold = model_versions.active(session).threshold
    outcomes(installed, ("low", "/l", -0.9), ("high", "/h", 1.0), ("close", "/c", threshold))
    page = read()
    kinds = [attributes["class"] for attributes in page.all("article")]
    assert kinds == ["card placeholder", "card placeholder review", "card real"]
    assert page.text.index("high") < page.text.index("out of reach")
    limited = read("--limit", "1")
    assert len(limited.all("article")) == 1
    assert "shows more" in limited.text


def test_filters_are_said_and_hold(read, upgraded, outcomes):
    outcomes(upgraded, ("a/1", "/1", 0.9), ("b/2", "/2", 0.9), ("a/3", "/3", FailureCode.MISSING))
    page = read("--key-prefix", "a/", "--state", "judged")
    assert len(page.all("article")) == 1
    assert not page.all("table")
    assert "key prefix" in page.text


def test_empty_set_and_no_verdicts(cli, read, upgraded):
    assert "has a verdict yet" in read().text
    with upgraded.transaction() as session:
        references.retire(session, [row.id for row in references.list_all(session)])
    page = read()
    assert "REFERENCE SET IS EMPTY" in page.text
    assert page.all("p", "warning")


def test_file_that_cannot_be_written(cli, upgraded):
    result = cli("report", "--out", "/no/such/folder/report.html")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
