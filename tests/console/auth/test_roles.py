"""Every action asks for the role, wherever the button stands: through the real server."""

import re
import sqlite3
from pathlib import Path

import pytest

from nophoto import console
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.tables import Lane, Role
from tests.console.gradio import Tab
from tests.console.serving import Served

MODERATORS = [
    ("review", {"act": "answer", "id": "1", "verdict": "real"}),
    ("review", {"act": "appeal", "id": "1", "verdict": "real"}),
    ("review", {"act": "code", "code": "logo"}),
    ("discover", {"act": "decide", "id": "1", "verdict": "real"}),
    ("discover", {"act": "quarantine", "id": "1"}),
    *(
        (part, {"act": act, **data})
        for part in ("review", "counted", "decisions")
        for act, data in (
            ("decide", {"ids": "1", "verdict": "real"}),
            ("undo", {}),
            ("reference", {"upload": "1"}),
            ("take-back", {"id": "1"}),
        )
    ),
    ("references", {"act": "quarantine", "id": "1"}),
    ("references", {"act": "retire", "id": "1"}),
    ("references", {"act": "restore", "id": "1"}),
    ("tried", {"act": "ask", "digest": "0" * 64}),
    ("asked", {"act": "add", "digest": "0" * 64}),
    ("allow", None),
    ("allowed", {"act": "remove", "id": "1"}),
]
ENGINEERS = [
    ("queue", {"act": "retry", "code": "missing"}),
    *(
        (part, {"act": act, "id": "1"})
        for part in ("queue", "trainings")
        for act in ("pause", "resume", "cancel")
    ),
    *(
        (part, {"act": act, "id": "another"})
        for part in ("models", "switching")
        for act in ("promote", "roll-back")
    ),
    ("start-training", None),
]
ONLY_LOOK = {"page", "pictures", "keys", "show", "run", "skip", "again", "leave"}
ACTIONS = [
    *((Role.VIEWER, Role.MODERATOR, *each) for each in MODERATORS),
    *((role, Role.ENGINEER, *each) for each in ENGINEERS for role in (Role.VIEWER, Role.MODERATOR)),
]


def rows(served: Served) -> list[str]:
    """Everything that the database holds; but embeddings, which the warm-up keeps meanwhile."""
    with sqlite3.connect(served.settings.home_folder / "nophoto.db") as database:
        return [line for line in database.iterdump() if 'INTO "embeddings"' not in line]


@pytest.fixture(scope="module")
def tabs(served: Served):
    """A page of each role, and an upload."""
    with served.database.transaction() as session:
        add_uploads(session, [NewUpload("one", "/one.png")], Lane.BULK)
    with served.log_in("viewer") as viewer, served.log_in("moderator") as moderator:
        yield {Role.VIEWER: Tab(viewer), Role.MODERATOR: Tab(moderator)}


@pytest.mark.parametrize(("role", "needed", "part", "sent"), ACTIONS)
def test_whatever_acts_is_refused_to_whom_it_is_not_for(served, tabs, role, needed, part, sent):
    before = rows(served)
    numbers = tabs[role].numbers(part)
    assert numbers
    for number in numbers:
        said = tabs[role].fire(number, sent)
        assert not said["success"]
        assert f"it takes the role “{needed}”" in said["output"]["error"]
    assert rows(served) == before


def test_every_button_is_among_them() -> None:
    templates = Path(console.__file__).parent / "templates"
    text = "".join(file.read_text(encoding="utf-8") for file in templates.glob("*.html"))
    named = {sent["act"] for _, _, _, sent in ACTIONS if sent}
    pagers = re.findall(r'paging\(t,[^)]*"(\w+)"\)', text)
    written = set(re.findall(r'data-act="([^"]+)"', text)) - {"{{ act }}"}
    assert {*written, *pagers, "page"} == named | ONLY_LOOK
