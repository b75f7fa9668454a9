"""Drawing verdicts for spot checks, and moderators' answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nophoto.jobs.curation.reviews import undo_last
from nophoto.jobs.curation.spot_checks import answer_spot_check, is_spot_check_due, next_spot_check
from nophoto.models.records import clock, references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.references import NewReference
from nophoto.models.records.review import review_queue, spot_check_draws, spot_check_results
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.review.spot_check_draws import Shares
from nophoto.models.records.review.spot_checks import LATEST, OpenSpotCheck
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Lane, SpotCheck, Upload
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import Kind, Verdict

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL
ALL = Shares(1.0, 1.0, 0.0)

Judge = Callable[..., list[int]]


def next_check(database: Database, reviewer: str) -> OpenSpotCheck | None:
    with database.reading() as session:
        return next_spot_check(session, reviewer, 0)


@pytest.fixture
def judge(database: Database, model: NewModelVersion) -> Judge:
    """Judges uploads with these scores, each of its own bytes, and draws some of them."""
    with database.transaction() as session:
        (reference,) = references.add(session, [NewReference("tile", b"tile")]).added

    def judge(*scores: float, shares: Shares = ALL) -> list[int]:
        with database.transaction() as session:
            before = session.scalar(select(Upload.id).order_by(Upload.id.desc()).limit(1)) or 0
            new = [NewUpload(f"key {before + n}", "/x.jpg") for n in range(1, 1 + len(scores))]
            ids = add_uploads(session, new, Lane.BULK).ids
            token = claims.claim(session, ids, 60).token
            judged = [
                Judged(
                    upload_id,
                    f"{upload_id:064x}",
                    PLACEHOLDER if score >= 0 else REAL,
                    False,
                    0.6 + score / 2,
                    reference.id,
                    score=score,
                    kind=Kind.NOTICE,
                )
                for upload_id, score in zip(ids, scores, strict=True)
            ]
            record_outcomes(session, token, judged, [], model.id, 1)
            spot_check_draws.draw(session, judged, model.id, shares)
            # What is written twice, as after a lost answer of the database, is drawn once.
            assert not spot_check_draws.draw(session, judged, model.id, shares)
        return ids

    return judge


def waiting(database: Database) -> list[str]:
    with database.reading() as session:
        found = review_queue.page(session, QueueFilter(), Order.NEWEST, limit=50)
    return [item.key for item in found]


def drawn(database: Database) -> dict[int, float]:
    with database.reading() as session:
        rows = session.execute(select(SpotCheck.upload_id, SpotCheck.probability))
        return dict(rows.all())


def test_a_share_of_zero_draws_nothing_and_one_everything(database: Database, judge: Judge) -> None:
    judge(-0.4, 0.2, shares=Shares(0.0, 0.0, 1.0))
    assert drawn(database) == {}
    ids = judge(-0.9, -0.1, 0.2)
    assert drawn(database) == dict.fromkeys(ids, 1.0)


def test_as_many_are_drawn_as_their_probabilities_say(database: Database, judge: Judge) -> None:
    judge(*[-0.001] * 1_500, *[-0.8] * 1_500, shares=Shares(0.04, 0.0, 0.0))
    chances = list(drawn(database).values())
    near = sum(chance > 0.3 for chance in chances)
    assert near == pytest.approx(0.4 * 1_500, rel=0.15)
    assert len(chances) - near == pytest.approx(0.02 * 1_500, rel=0.6)


def test_a_moderator_answers_without_the_network_and_the_answer_counts(
    database: Database, judge: Judge
) -> None:
    missed, right = judge(-0.4, 0.2)
    assert waiting(database) == [], "the queue would show what the network says"
    first = next_check(database, "ann")
    assert first and first.upload_id == missed
    assert answer_spot_check(database, first.spot_check_id, "ann", PLACEHOLDER).decided == 1
    second = next_check(database, "ann")
    assert second and second.upload_id == right
    answer_spot_check(database, second.spot_check_id, "ann", PLACEHOLDER)
    assert next_check(database, "ann") is None
    with database.reading() as session:
        assert session.scalar(select(Upload.reviewed).where(Upload.id == missed)) == PLACEHOLDER
        since = clock.now(session) - timedelta(hours=1)
        said = [(each.verdict, each.truth) for each in spot_check_results.sampled(session, since)]
    assert said == [(REAL, PLACEHOLDER), (PLACEHOLDER, PLACEHOLDER)]


def test_an_answer_is_taken_back_with_its_decision(database: Database, judge: Judge) -> None:
    (upload,) = judge(-0.4)
    shown = next_check(database, "ann")
    answer_spot_check(database, shown.spot_check_id, "ann", PLACEHOLDER)
    assert undo_last(database, "ann") == 1
    with database.reading() as session:
        assert session.scalar(select(Upload.reviewed).where(Upload.id == upload)) is None
    assert next_check(database, "ann") == shown


def test_a_second_moderator_answers_and_decides_nothing(database: Database, judge: Judge) -> None:
    (upload,) = judge(-0.4, shares=Shares(1.0, 1.0, 1.0))
    shown = next_check(database, "ann")
    answer_spot_check(database, shown.spot_check_id, "ann", REAL)
    assert next_check(database, "ann") is None, "nobody answers twice"
    assert next_check(database, "bob") == shown
    assert answer_spot_check(database, shown.spot_check_id, "bob", PLACEHOLDER).decided == 0
    assert answer_spot_check(database, shown.spot_check_id, "eve", PLACEHOLDER).was_taken
    with database.reading() as session:
        assert session.scalar(select(Upload.reviewed).where(Upload.id == upload)) == REAL
    assert undo_last(database, "bob") == 0
    assert next_check(database, "bob") == shown, "the answer alone was taken back"
    with database.reading() as session:
        assert session.scalar(select(Upload.reviewed).where(Upload.id == upload)) == REAL


def test_golden_items_come_to_everybody_once_and_decide_nothing(
    database: Database, judge: Judge
) -> None:
    (upload,) = judge(-0.4, shares=Shares(0.0, 0.0, 0.0))
    with database.transaction() as session:
        assert spot_check_draws.add_golden(session, [upload], PLACEHOLDER) == 1
        assert spot_check_draws.add_golden(session, [upload], PLACEHOLDER) == 0
    for name in ("ann", "bob"):
        shown = next_check(database, name)
        answer_spot_check(database, shown.spot_check_id, name, REAL)
        assert next_check(database, name) is None
    with database.reading() as session:
        assert session.scalar(select(Upload.reviewed).where(Upload.id == upload)) is None
        said = spot_check_results.answers(session, clock.now(session) - timedelta(hours=1))
    assert [(each.reviewer, each.truth) for each in said] == [
        ("ann", PLACEHOLDER),
        ("bob", PLACEHOLDER),
    ]


def test_what_was_drawn_long_ago_or_has_other_bytes_now_is_not_asked(
    database: Database, judge: Judge
) -> None:
    old, replaced = judge(-0.4, -0.5)
    with database.transaction() as session:
        before = clock.now(session) - LATEST - timedelta(hours=1)
        session.execute(update(SpotCheck).where(SpotCheck.upload_id == old).values(at=before))
        session.execute(update(Upload).where(Upload.id == replaced).values(digest="f" * 64))
    assert next_check(database, "ann") is None


def test_every_fourth_item_is_an_spot_check() -> None:
    assert [turn for turn in range(12) if is_spot_check_due(turn)] == [3, 7, 11]
