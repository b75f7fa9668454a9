"""How the ways are shown beside the baseline."""

from benchmarks.beside_keras import BASELINE, ENGINE, OURS, table


def test_each_way_is_told_in_times_of_the_seeds_within_a_round() -> None:
    found = {OURS: [200.0, 300.0], ENGINE: [400.0, 400.0], BASELINE: [4.0, 5.0]}
    ours, engine, seed = table("Small", found, bar="40").rows
    assert ours[-2:] == ("55.0 (50.0–60.0)", "40")
    assert engine[-2:] == ("90.0 (80.0–100.0)", "")
    assert seed[1:] == ("4.5", "4.0", "5.0", "", "")
