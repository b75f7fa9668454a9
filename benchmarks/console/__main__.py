"""Measure the console in a real Chromium: `python -m benchmarks.console`.

The first page from nothing, the verdict for a 12-megapixel JPEG from its drop to the page, and
decisions by keys with 10,000 uploads waiting, each from the key to the next item on the page.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page

from benchmarks.console.site import PASSWORD, USER, open_browser, run_console
from benchmarks.console.uploads import fill_queue
from benchmarks.installation import Installation, install
from benchmarks.machine import facts, other_work
from benchmarks.spread import Spread
from nophoto.models.records.tables import Role
from nophoto.models.vision.drawing import draw


def main() -> None:
    """Run the benchmark and print its figures."""
    arguments = _arguments()
    with install() as installation:
        pictures = _pictures(installation)
        fill_queue(installation, pictures, arguments.waiting)
        for name, fact in facts().items():
            print(f"{name:<12}{fact}")
        print(f"{'other work':<12}{other_work():.0%} of the processors")
        with run_console(installation, Role.ENGINEER) as console, open_browser() as browser:
            first = [_first_page(browser.new_page(), console.url) for _ in range(arguments.rounds)]
            page = browser.new_page()
            _log_in(page, console.url)
            twelve = _twelve_megapixels(installation.folder / "twelve.jpg")
            verdicts = [_verdict(page, twelve) for _ in range(arguments.rounds)]
            page.goto(f"{console.url}/en/review")
            page.wait_for_selector("[data-key=c]")
            page.wait_for_timeout(1000)
            decisions = [_decision(page, key) for key in "co" * arguments.rounds]
            family = psutil.Process(console.process.pid)
            resident = family.memory_info().rss
            decoders = sum(child.memory_info().rss for child in family.children(recursive=True))
    _print("first page", first, 2.0)
    _print("verdict for a 12-megapixel JPEG", verdicts, 1.0)
    _print(f"decision, {arguments.waiting:,} waiting", decisions, 0.2)
    print(f"{'console process':<36}{resident / 1e6:8.0f} MB        (bar: 500 MB)")
    print(f"{'its decoding processes':<36}{decoders / 1e6:8.0f} MB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=10_000, help="uploads that wait for review")
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


def _first_page(page: Page, url: str) -> float:
    _log_in(page, url)
    started = perf_counter()
    page.goto(f"{url}/en/")
    page.wait_for_selector("#drop input[type=file]", state="attached")
    page.wait_for_selector("#judge")
    seconds = perf_counter() - started
    page.close()
    return seconds


def _verdict(page: Page, file: Path) -> float:
    page.goto(page.url)
    page.wait_for_selector("#drop input[type=file]", state="attached")
    page.wait_for_timeout(700)
    started = perf_counter()
    page.set_input_files("#drop input[type=file]", file)
    page.wait_for_selector(".tried .verdict .badge")
    return perf_counter() - started


def _decision(page: Page, key: str) -> float:
    before = page.get_attribute("#message", "data-made")
    started = perf_counter()
    page.keyboard.press(key)
    page.wait_for_selector(f"#message:not([data-made='{before}'])")
    return perf_counter() - started


def _log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/login?next=/en/")
    page.fill("input[name=name]", USER)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector(".bar .who")


def _pictures(installation: Installation) -> list[Path]:
    files = []
    for number in range(50):
        file = installation.folder / f"{number}.jpg"
        draw(number, longest_side=600).image.convert("RGB").save(file)
        files.append(file)
    return files


def _twelve_megapixels(file: Path) -> Path:
    rng = np.random.default_rng(1)
    small = Image.fromarray(rng.integers(0, 256, (300, 400, 3), np.uint8))
    small.resize((4000, 3000), Image.Resampling.BICUBIC).save(file, quality=90)
    return file


def _print(name: str, values: list[float], bar: float) -> None:
    spread = Spread.of([1000 * value for value in values])
    print(
        f"{name:<36}{spread.median:8.0f} ms, {spread.lowest:.0f} to {spread.highest:.0f}"
        f"        (bar: {1000 * bar:.0f} ms)"
    )


if __name__ == "__main__":
    main()
