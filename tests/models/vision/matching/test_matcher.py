import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nophoto.models.vision.matching import (
    Exemplars,
    Fallback,
    Judgement,
    Matcher,
    Rules,
    match,
    nearest_references,
)
from nophoto.models.vocabulary import Kind, KindMode, ReferenceScope, Verdict

FALLBACK = Fallback(threshold=0.5, review_low=0.25, review_high=0.75)


def towards(*cosines: float) -> np.ndarray:
    """Vectors of length 1 whose first component is the cosine with the first axis."""
    return np.array([[c, np.sqrt(1 - c * c)] for c in cosines], np.float32)


def exemplars(vectors: np.ndarray, *kinds: Kind) -> Exemplars:
    """References that claim their kind; notices where no kind is given."""
    some = kinds or (Kind.NOTICE,) * len(vectors)
    return Exemplars(np.asarray(vectors, np.float32), some, (ReferenceScope.KIND,) * len(some))


FIRST_AXIS = exemplars(np.array([[1.0, 0.0]]))
NOTHING = exemplars(np.empty((0, 2)))


def matcher(active: Exemplars, retired: Exemplars = NOTHING, **modes: KindMode) -> Matcher:
    rules = Rules(modes={Kind(kind): mode for kind, mode in modes.items()})
    return match(active, [], rules, FALLBACK, retired=retired)


@pytest.mark.parametrize(
    ("similarity", "verdict", "review"),
    [
        (-1.0, Verdict.REAL, False),
        (0.2, Verdict.REAL, False),
        (0.25, Verdict.REAL, True),
        (0.4, Verdict.REAL, True),
        (0.5, Verdict.PLACEHOLDER, True),
        (0.75, Verdict.PLACEHOLDER, True),
        (0.8, Verdict.PLACEHOLDER, False),
        (1.0, Verdict.PLACEHOLDER, False),
    ],
)
def test_without_a_cohort_every_reach_is_the_threshold_and_the_band_holds_its_ends(
    similarity: float, verdict: Verdict, review: bool
) -> None:
    about = pytest.approx(similarity, abs=1e-6)
    score = pytest.approx(similarity - 0.5, abs=1e-6)
    found = matcher(FIRST_AXIS).judge(towards(similarity))
    assert found == [Judgement(verdict, review, score, about, 0, Kind.NOTICE)]


def test_with_no_reference_everything_is_real() -> None:
    nothing = Judgement(Verdict.REAL, False, None, None, None, None)
    assert matcher(NOTHING).judge(towards(1.0, 0.0)) == [nothing] * 2


def test_no_picture_gets_no_judgement() -> None:
    assert matcher(FIRST_AXIS).judge(np.empty((0, 2), np.float32)) == []


def test_a_judgement_holds_plain_numbers() -> None:
    [judgement] = matcher(FIRST_AXIS).judge(towards(0.6).astype(np.float16))
    assert type(judgement.score) is float
    assert type(judgement.similarity) is float
    assert type(judgement.nearest) is int
    assert type(judgement.needs_review) is bool


TWO = exemplars(np.array([[1.0, 0.0], [0.0, 1.0]]), Kind.PERSON, Kind.COVER)


def test_a_verdict_has_the_kind_of_the_reference_that_claims_most() -> None:
    kinds = [judged.kind for judged in matcher(TWO).judge(towards(0.9, 0.1))]
    assert kinds == [Kind.PERSON, Kind.COVER]


def test_what_is_most_like_a_kind_that_is_off_is_real() -> None:
    of_person, of_cover = matcher(TWO, person=KindMode.OFF).judge(towards(0.8, 0.1))
    # The cosine with the cover is 0.6 and would do, but the person claims it by 0.2 more.
    assert (of_person.verdict, of_person.kind) == (Verdict.REAL, Kind.COVER)
    assert of_person.similarity == pytest.approx(0.6, abs=1e-6)
    assert of_person.score == pytest.approx(0.6 - 0.8, abs=1e-6)
    assert not of_person.needs_review
    assert of_cover.verdict == Verdict.PLACEHOLDER


def test_what_is_a_little_like_a_kind_that_is_off_stays_what_it_is() -> None:
    [judged] = matcher(TWO, person=KindMode.OFF).judge(towards(0.6))
    assert judged.verdict == Verdict.PLACEHOLDER  # 0.8 of a cover, and 0.6 of a person


def test_the_reference_that_rejects_is_named_where_it_mattered() -> None:
    found = matcher(TWO, person=KindMode.OFF).judge_all(towards(0.8, 0.99, 0.1))
    assert found.rejected_by.tolist() == [0, -1, -1]  # 0.99 of a person is 0.14 of a cover


def test_a_kind_of_which_all_references_are_retired_makes_real_what_is_most_like_it() -> None:
    active, retired = exemplars(TWO.vectors[1:], Kind.COVER), exemplars(TWO.vectors[:1])
    assert matcher(active).judge(towards(0.8))[0].verdict == Verdict.PLACEHOLDER
    assert matcher(active, retired).judge(towards(0.8))[0].verdict == Verdict.REAL


def test_a_retired_reference_of_a_kind_that_lives_says_nothing() -> None:
    active = exemplars(TWO.vectors[1:], Kind.COVER)
    retired = exemplars(TWO.vectors[:1], Kind.COVER)
    assert matcher(active, retired).judge(towards(0.8))[0].verdict == Verdict.PLACEHOLDER


@pytest.mark.parametrize("kind", [Kind.OWN, Kind.PHOTO])
def test_the_last_retired_reference_of_no_common_look_says_nothing_of_others(kind: Kind) -> None:
    active = exemplars(TWO.vectors[1:], Kind.COVER)
    retired = exemplars(TWO.vectors[:1], kind)
    assert matcher(active, retired).judge(towards(0.8))[0].verdict == Verdict.PLACEHOLDER


def test_with_all_kinds_off_everything_is_real() -> None:
    off = matcher(TWO, person=KindMode.OFF, cover=KindMode.OFF)
    assert {judged.verdict for judged in off.judge(towards(1.0, 0.5, 0.0))} == {Verdict.REAL}


def test_rounding_never_makes_a_cosine_above_one() -> None:
    rows = np.full((1, 3), 0.57740, np.float32)
    similarities, _ = nearest_references(rows, rows)
    assert similarities.tolist() == [1.0]


def directions(rng: np.random.Generator, count: int, dimension: int) -> np.ndarray:
    rows = rng.normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 40), references=st.integers(1, 40))
def test_the_nearest_is_the_one_that_a_loop_finds(seed: int, count: int, references: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, matrix = directions(rng, count, 5), directions(rng, references, 5)
    similarities, places = nearest_references(embeddings, matrix)
    for embedding, similarity, place in zip(embeddings, similarities, places, strict=True):
        cosines = [float(embedding @ reference) for reference in matrix]
        assert similarity == pytest.approx(max(cosines), abs=1e-5)
        assert cosines[place] == pytest.approx(max(cosines), abs=1e-5)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 2_000))
@settings(max_examples=20)
def test_a_judgement_does_not_depend_on_what_is_judged_with_it(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings = directions(rng, count, 8).astype(np.float16)
    judging = match(
        exemplars(directions(rng, 5, 8)), [directions(rng, 200, 8)], Rules(0.05), FALLBACK
    )
    together = judging.judge_all(embeddings)
    for row in rng.integers(0, count, 10):
        alone = judging.judge_all(embeddings[row : row + 1])
        assert alone.score[0] == together.score[row]


@given(seed=st.integers(0, 2**32 - 1), off=st.sets(st.sampled_from(Kind), max_size=6))
@settings(max_examples=50)
def test_placeholder_means_a_score_that_is_not_negative(seed: int, off: set[Kind]) -> None:
    rng = np.random.default_rng(seed)
    kinds = tuple(Kind(kind) for kind in rng.choice(list(Kind), 12))
    rules = Rules(0.05, dict.fromkeys(off, KindMode.OFF))
    active = exemplars(directions(rng, 12, 4), *kinds)
    retired = exemplars(directions(rng, 5, 4), *kinds[:5])
    found = match(active, [directions(rng, 100, 4)], rules, FALLBACK, retired=retired).judge_all(
        directions(rng, 300, 4)
    )
    claimed = ~np.isnan(found.score)
    assert (found.is_placeholder[claimed] == (found.score[claimed] >= 0)).all()
    assert not found.is_placeholder[~claimed].any()
    assert {kinds[place] for place in found.nearest[claimed]}.isdisjoint(off)
