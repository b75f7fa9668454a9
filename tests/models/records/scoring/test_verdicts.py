"""The view `verdicts`: what stands of each upload, since when, and by whose word."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text, update

from nophoto.migrations.upgrade import config, upgrade
from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.review import reviews
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
from nophoto.models.records.tables import Upload
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import FailureCode, Verdict

DIGEST = "ab" * 32


@pytest.fixture
def view(database: Database) -> Callable[[], dict[str, dict[str, Any]]]:
    """The rows of the view by key, their times as `find` gives them."""

    def read() -> dict[str, dict[str, Any]]:
        with database.reading() as session:
            rows = session.execute(text("SELECT * FROM verdicts ORDER BY upload_id")).mappings()
            return {row["key"]: {**row, "since": _time(row["since"])} for row in rows}

    return read


@pytest.fixture
def judge(
    database: Database, claim: Callable[..., claims.Claim], model: NewModelVersion
) -> Callable[..., None]:
    """Has the network judge uploads that wait, or say why it cannot."""

    def judge(upload_id: int, outcome: Verdict | FailureCode) -> None:
        token = claim([upload_id]).token
        judged: list[Judged] = []
        failed: list[Failed] = []
        if isinstance(outcome, FailureCode):
            failed.append(Failed(upload_id, None, outcome, "why"))
        else:
            judged.append(Judged(upload_id, DIGEST, outcome, False, None, None))
        with database.transaction() as session:
            assert record_outcomes(session, token, judged, failed, model.id, 0) == 1

    return judge


def decide(database: Database, upload_id: int, verdict: Verdict, **more: Any) -> int:
    with database.transaction() as session:
        (made,) = reviews.decide(session, [upload_id], verdict, "ann", **more).made
        return made.review_id


def stands(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["verdict"], row["decided_by"], row["failure"]


def test_a_moderators_word_stands_from_when_it_is_said_until_it_is_taken_back(
    database: Database,
    enqueue: Callable[..., list[int]],
    judge: Callable[..., None],
    view: Callable[[], dict[str, dict[str, Any]]],
) -> None:
    (upload_id,) = enqueue("a")
    assert (stands(view()["a"]), view()["a"]["since"]) == ((None, None, None), None)
    judge(upload_id, Verdict.PLACEHOLDER)
    judged = view()["a"]
    assert stands(judged) == ("placeholder", "network", None)

    review = decide(database, upload_id, Verdict.REAL)
    decided = view()["a"]
    assert stands(decided) == ("real", "moderator", None)
    assert decided["since"] > judged["since"]

    # What the network says later changes nothing that stands, and so not since when.
    _requeue(database, upload_id)
    judge(upload_id, Verdict.PLACEHOLDER)
    assert view()["a"] == decided

    with database.transaction() as session:
        assert reviews.undo(session, [review], "bob") == [upload_id]
    undone = view()["a"]
    assert stands(undone) == ("placeholder", "network", None)
    assert undone["since"] > decided["since"]

    _requeue(database, upload_id)
    judge(upload_id, Verdict.REAL)
    assert stands(view()["a"]) == ("real", "network", None)
    assert view()["a"]["since"] > undone["since"]


def test_a_failure_is_news_though_a_moderator_has_decided(
    database: Database,
    enqueue: Callable[..., list[int]],
    judge: Callable[..., None],
    view: Callable[[], dict[str, dict[str, Any]]],
) -> None:
    (upload_id,) = enqueue("a")
    judge(upload_id, Verdict.PLACEHOLDER)
    decide(database, upload_id, Verdict.REAL)
    before = view()["a"]["since"]
    _requeue(database, upload_id)
    judge(upload_id, FailureCode.MISSING)
    assert stands(view()["a"]) == ("real", "moderator", "missing")
    assert view()["a"]["since"] > before


def test_the_view_says_what_results_say(
    database: Database,
    enqueue: Callable[..., list[int]],
    judge: Callable[..., None],
    view: Callable[[], dict[str, dict[str, Any]]],
) -> None:
    ids = dict(zip("abcdef", enqueue(*"abcdef"), strict=True))
    for key, outcome in {
        "a": Verdict.REAL,
        "b": Verdict.PLACEHOLDER,
        "c": Verdict.PLACEHOLDER,
        "d": FailureCode.UNREADABLE,
        "e": Verdict.REAL,
    }.items():
        judge(ids[key], outcome)
    with database.transaction() as session:
        session.execute(update(Upload).where(Upload.id == ids["e"]).values(needs_review=True))
    decide(database, ids["c"], Verdict.REAL)
    rows = view()
    with database.reading() as session:
        found = {row.key: row for row in results.find(session)}
    assert set(rows) == set(found) == set("abcdef")
    for key, row in rows.items():
        for name in set(row) - {"upload_id", "decided_by", "needs_review"}:
            assert row[name] == getattr(found[key], name), (key, name)
        assert bool(row["needs_review"]) == found[key].needs_review
        by = "moderator" if found[key].reviewed else "network" if found[key].verdict else None
        assert row["decided_by"] == by


def test_since_finds_what_moderators_decided_since(
    database: Database, enqueue: Callable[..., list[int]], judge: Callable[..., None]
) -> None:
    first, second = enqueue("a", "b")
    judge(first, Verdict.PLACEHOLDER)
    judge(second, Verdict.PLACEHOLDER)
    with database.reading() as session:
        then = clock.now(session) + timedelta(microseconds=1)
    decide(database, first, Verdict.REAL)
    with database.reading() as session:
        assert [row.key for row in results.find(session, ResultFilter(since=then))] == ["a"]


def test_the_query_of_the_docs_gives_what_was_decided(
    database: Database, enqueue: Callable[..., list[int]], judge: Callable[..., None]
) -> None:
    page = (Path(__file__).parents[4] / "docs/backend.md").read_text()
    (query,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert "FROM verdicts" in query
    ids = enqueue("flagged", "cleared", "sound", "marked")
    for upload_id, verdict in zip(ids, ("placeholder", "placeholder", "real", "real"), strict=True):
        judge(upload_id, Verdict(verdict))
    decide(database, ids[1], Verdict.REAL)
    decide(database, ids[3], Verdict.PLACEHOLDER)
    with database.reading() as session:
        rows = session.execute(text(query)).all()
    assert [(row.key, row.decided_by) for row in rows] == [
        ("flagged", "network"),
        ("marked", "moderator"),
    ]


def test_since_is_found_by_an_index(database: Database) -> None:
    explain = "EXPLAIN" if database.is_postgresql else "EXPLAIN QUERY PLAN"
    query = "SELECT key FROM verdicts WHERE since > '2026-01-31 08:30:00+00:00'"
    with database.reading() as session:
        if database.is_postgresql:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = session.execute(text(f"{explain} {query}")).all()
    assert "ix_uploads_since" in str(plan)


def test_an_upgrade_knows_when_earlier_reviews_were_made(empty_url: str) -> None:
    upgrade(empty_url)
    database = Database(empty_url)
    command.downgrade(config(database), "0014")
    columns = "key, uri, lane, created_at, updated_at, reviewed"
    times = {"asked": "2026-01-01 08:00:00", "said": "2026-01-02 08:00:00"}
    with database.transaction() as session:
        for key, word in (("a", "'real'"), ("b", "NULL"), ("c", "NULL")):
            session.execute(
                text(
                    f"INSERT INTO uploads ({columns}) "
                    f"VALUES ('{key}', '/x', 'bulk', :asked, :asked, {word})"
                ),
                {"asked": times["asked"]},
            )
        for key, undone in (("a", "NULL, NULL"), ("b", "'2026-01-03 08:00:00', 'bob'")):
            session.execute(
                text(
                    "INSERT INTO reviews (upload_id, verdict, reviewer, at, undone_at, undone_by) "
                    f"SELECT id, 'real', 'ann', :said, {undone} FROM uploads WHERE key = '{key}'"
                ),
                {"said": times["said"]},
            )
    upgrade(empty_url)
    with database.reading() as session:
        rows = session.execute(text("SELECT key, verdict, since FROM verdicts ORDER BY key")).all()
    since = [_time(row.since) for row in rows]
    assert [row.verdict for row in rows] == ["real", None, None]
    assert [time and time.day for time in since] == [2, 3, None]


def _requeue(database: Database, upload_id: int) -> None:
    with database.transaction() as session:
        queued = {"state": "queued", "failure": None, "failure_message": None}
        session.execute(update(Upload).where(Upload.id == upload_id).values(**queued))


def _time(value: object) -> datetime | None:
    """A time of the view: SQLite gives it as the text that it is."""
    if value is None:
        return None
    time = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(time, datetime)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
