from types import SimpleNamespace

from nophoto.jobs.demo.outcome import MISSED_AT_MOST, PLACEHOLDERS, Demo
from nophoto.models.vocabulary import Verdict


def test_what_the_demo_takes_for_good(cli):
    rows = [None] * 100
    missed = int(MISSED_AT_MOST * PLACEHOLDERS)
    assert Demo(rows, [], rows[:missed], 1.0, "").is_good
    assert not Demo(rows, [], rows[: missed + 1], 1.0, "").is_good
    assert not Demo(rows, rows[:1], [], 1.0, "").is_good


def test_only_the_copies_of_the_photograph_may_turn():
    def demo(*keys):
        return Demo([], [], [], 1.0, "", [SimpleNamespace(key=f"again/{key}") for key in keys])

    copies = "coffee.png", "coffee-as-jpeg.jpg", "coffee-half-size.jpg"
    assert demo(*copies).is_good
    assert not demo(*copies[:2]).is_good
    assert not demo(*copies, "moon.png").is_good
    assert not demo(*copies[:2], "moon.png").is_good


def test_each_collection_has_to_give_its_own_verdict():
    def demo(**verdicts):
        rows = [SimpleNamespace(collection=name, verdict=word) for name, word in verdicts.items()]
        return Demo([], [], [], 1.0, "", apart=rows)

    apart = {"default": Verdict.PLACEHOLDER, "kind-off": Verdict.REAL}
    assert demo(**apart).is_good
    assert not demo(**apart | {"kind-off": Verdict.PLACEHOLDER}).is_good
    assert not demo(**apart | {"default": Verdict.REAL}).is_good
