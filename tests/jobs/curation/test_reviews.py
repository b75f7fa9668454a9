import json

import numpy as np
import pytest

from nophoto.jobs.curation.review_groups import BY_BYTES_ALONE, Group, next_groups
from nophoto.jobs.curation.reviews import decide, undo_last
from nophoto.models.records import references
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.outcomes import results
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Kind, Verdict


def judge(database, *uploads, kind=Kind.PERSON):
    """Judges uploads (digest's letter, embedding, place of the nearest reference)."""
    with database.transaction() as session:
        model = model_versions.active(session)
        members = references.active(session).members
        new = [NewUpload(f"key {n}", f"/{n}.jpg") for n in range(len(uploads))]
        ids = [add_uploads(session, [each], Lane.BULK).ids[0] for each in new]
        token = claims.claim(session, ids, 60).token
        judged = [
            Judged(i, letter * 64, Verdict.PLACEHOLDER, False, 0.99, members[place].id, kind=kind)
            for i, (letter, _, place) in zip(ids, uploads, strict=True)
        ]
        record_outcomes(session, token, judged, [], model.id, 1)
        vectors = {letter * 64: vector for letter, vector, _ in uploads}
        embeddings.remember(session, model.id, vectors)
    return ids


def towards(model_dimension, *heads):
    vector = np.zeros(model_dimension)
    vector[: len(heads)] = heads
    return vector / np.linalg.norm(vector)


def waiting_groups(database, **options) -> list[Group]:
    with database.reading() as session:
        return next_groups(session, QueueFilter(), Order.NEWEST, **options)


def test_nearly_equal_pictures_of_one_reference_are_one_group(upgraded):
    with upgraded.reading() as session:
        dimension = model_versions.active(session).dimension
    one, almost, other = (
        towards(dimension, 1, 0),
        towards(dimension, 1, 0.05),
        towards(dimension, 1, 0.5),
    )
    ids = judge(
        upgraded, ("a", one, 0), ("b", almost, 0), ("c", other, 0), ("d", almost, 1), ("a", one, 0)
    )
    groups = waiting_groups(upgraded)
    assert [(group.first.newest_id, "".join(d[0] for d in group.digests)) for group in groups] == [
        (ids[4], "ab"),
        (ids[3], "d"),
        (ids[2], "c"),
    ]
    assert [group.count for group in groups] == [3, 1, 1]
    apart = waiting_groups(upgraded, together=False)
    assert [group.count for group in apart] == [2, 1, 1, 1]
    rest = waiting_groups(upgraded, skipped=frozenset({"a" * 64}))
    assert "a" * 64 not in [digest for group in rest for digest in group.digests]


@pytest.mark.parametrize("kind", sorted(BY_BYTES_ALONE))
def test_other_letters_and_other_words_stay_apart_and_the_same_bytes_together(upgraded, kind):
    with upgraded.reading() as session:
        dimension = model_versions.active(session).dimension
    one, almost = towards(dimension, 1, 0), towards(dimension, 1, 0.01)
    ids = judge(upgraded, ("a", one, 0), ("b", almost, 0), ("a", one, 0), kind=kind)
    groups = waiting_groups(upgraded)
    assert [(g.first.newest_id, g.count) for g in groups] == [(ids[2], 2), (ids[1], 1)]


def test_the_last_decision_is_taken_back_as_a_whole(upgraded):
    with upgraded.reading() as session:
        dimension = model_versions.active(session).dimension
    ids = judge(upgraded, *[(letter, towards(dimension, 1), 0) for letter in "abc"])
    decide(upgraded, ids[:1], Verdict.REAL, "ann")
    decide(upgraded, ids[1:], Verdict.REAL, "ann")
    decide(upgraded, [], Verdict.REAL, "bob")
    assert undo_last(upgraded, "ann") == 2
    assert undo_last(upgraded, "bob") == 0
    with upgraded.reading() as session:
        assert [row.reviewed for row in results.find(session)] == [None, None, Verdict.REAL]


def test_decisions_from_the_command_line(cli, installed, outcomes):
    outcomes(installed, ("a", "/a.jpg", 0.99), ("b", "/b.jpg", 0.99))
    result = cli("reviews", "decide", "real", "a", "--note", "a white cat")
    assert (result.exit_code, "1 decided: real" in result.stderr) == (0, True)
    assert cli("reviews", "decide", "placeholder", "a", "b").exit_code == 1
    listed = json.loads(cli("reviews", "list", "--json").stdout)
    assert (listed["waiting"], len(listed["last"])) == (0, 2)
    rows = [json.loads(line) for line in cli("results", "--format", "jsonl").stdout.splitlines()]
    assert {row["key"]: row["verdict"] for row in rows} == {"a": "real", "b": "placeholder"}
    assert "1 decisions" in cli("reviews", "undo").stderr
    result = cli("reviews", "decide", "real", "nobody's")
    assert (result.exit_code, "nobody's" in result.stderr) == (1, True)
