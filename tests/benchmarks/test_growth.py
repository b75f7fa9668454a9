"""What growth is drawn and told of, from made figures."""

from pathlib import Path

from PIL import Image

from benchmarks.growth import AmongReferences, AtSize, OfWorker, plots_of, tables_of
from benchmarks.growth_plot import draw_growth
from benchmarks.spread import Spread

STORED = [
    AtSize(n, Spread(6e-5, 5e-5, 7e-5), Spread(3e-4, 3e-4, 4e-4), Spread(1e-3, 1e-3, 2e-3), 1500.0)
    for n in (1_000, 10_000)
]
COMPARED = [AmongReferences(n, Spread(n * 1e-8, n * 1e-8, n * 2e-8), n * 512) for n in (100, 1_000)]
WORKERS = [
    OfWorker(p, t, Spread(60.0 * p * t, 50.0, 300.0), Spread(3e8, 3e8, 3e8))
    for p in (1, 2)
    for t in (1, 2)
]


def test_worker_processes_are_drawn_beside_uploads_and_references(tmp_path: Path) -> None:
    plots = plots_of(STORED, COMPARED, WORKERS)
    assert [plot.number for plot in plots] == ["uploads stored", "references", "worker processes"]
    assert plots[2].lines == {
        "one thread each": ([1, 2], [60.0, 120.0]),
        "2 threads each": ([1, 2], [120.0, 240.0]),
    }
    draw_growth(plots, tmp_path / "growth.png")
    with Image.open(tmp_path / "growth.png") as drawn:
        assert drawn.width > 2 * drawn.height


def test_every_figure_of_several_rounds_has_its_range() -> None:
    stored, compared, workers = tables_of(STORED, COMPARED, WORKERS)
    assert stored.rows[0] == ("1,000", "60 (50–70)", "300 (300–400)", "1.0 (1.0–2.0)", "1,500")
    assert compared.rows[0] == ("100", "1.0 (1.0–2.0)", "0.1")
    assert workers.rows[3] == ("2 x 2", "240.0 (50.0–300.0)", "300 (300–300)")
