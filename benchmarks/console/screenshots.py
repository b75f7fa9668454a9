"""Make the pictures of the documentation again: `python -m benchmarks.console.screenshots`."""

import shutil
from hashlib import sha256
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page
from skimage import data

from benchmarks.console.site import PASSWORD, USER, open_browser, run_console
from benchmarks.installation import Installation, install
from benchmarks.worker_process import run_worker
from nophoto.jobs.curation.allow_list import allow, from_bytes, from_uploads
from nophoto.jobs.curation.reviews import decide
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.jobs.versions.promotion import import_version
from nophoto.models.records import references, runs
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes import results
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.tables import Lane, Role, RunKind, RunState, UploadState
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.versions import shipped_version, write_held_out, write_manifest
from nophoto.models.vocabulary import Verdict
from nophoto.worker.broker.app import create_app

OUT = Path(__file__).parents[2] / "docs" / "images"

_DRAWN = 36
_STRICT = 0.98
"""The threshold of the second version, which is above what some drawn ones reach."""

_LAST: tuple[int, str | None] = (542, "silhouette")
"""What is drawn last, which the review page shows first: nobody doubts that it is a placeholder."""

_PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")


def main() -> None:
    """Fill a system with uploads, and photograph every page of its console."""
    with install() as installation:
        files = _uploads(installation.folder)
        suspects = _suspect_all(installation)
        uploads = [NewUpload(f"shop/{file.stem}", str(file)) for file in files]
        app = create_app(installation.settings)
        enqueue(installation.database, app, uploads, Lane.INTERACTIVE, chunk_size=16)
        with run_worker(installation) as worker:
            worker.wait(lambda: not _open(installation))
            rescored = _rescore(installation, suspects)
            worker.wait(lambda: _is_done(installation, rescored))
            _live_a_little(installation)
            with run_console(installation, Role.ENGINEER) as console, open_browser() as browser:
                _photograph(browser, console.url, files)


def _photograph(browser: Browser, url: str, files: list[Path]) -> None:
    page = _visitor(browser, url, "light", 1400)
    # The first picture waits for the processes that decode.
    page.set_input_files("#drop input[type=file]", files[3])
    page.wait_for_selector(".tried .nearest")
    page.set_input_files("#drop input[type=file]", [files[3], files[-1]])
    page.wait_for_selector(".matrix")
    _save(page, "try", 1000)
    page.goto(f"{url}/en/review")
    page.wait_for_selector(".item")
    _save(page, "review", _end(page, ".item"))
    page.goto(f"{url}/en/references")
    page.wait_for_selector("section.reference")
    _save(page, "references", 900)
    page.goto(f"{url}/en/queue")
    page.wait_for_selector(".tiles")
    page.wait_for_selector(".change")
    _save(page, "queue", 1180)
    page.goto(f"{url}/en/allowed")
    page.wait_for_selector(".gallery .card")
    _save(page, "allowed", 620)
    dark = _visitor(browser, url, "dark", 1400)
    dark.goto(f"{url}/en/models")
    dark.click(".version[data-id^=trial] >> [data-act=show]")
    dark.wait_for_selector("[data-version] svg")
    _save(dark, "models", _end(dark, "[data-version]"))
    phone = _visitor(browser, url, "dark", 390)
    phone.goto(f"{url}/ru/review")
    phone.wait_for_selector(".item")
    _save(phone, "phone", 844)


def _visitor(browser: Browser, url: str, scheme: str, width: int) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{url}/login?next=/en/")
    page.fill("input[name=name]", USER)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector(".bar .who")
    page.wait_for_timeout(800)
    return page


def _end(page: Page, part: str) -> int:
    """Where a part of a page ends, with a margin, once its pictures are there."""
    page.wait_for_timeout(1500)
    box = page.locator(part).bounding_box()
    return round(box["y"] + box["height"] + 16) if box else 900


def _save(page: Page, name: str, height: int) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 1400
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(1500)
    file = OUT / f"console-{name}.png"
    page.screenshot(path=file)
    with Image.open(file) as image:
        # A palette halves the file, and no eye sees it on such pages.
        image.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(
            file, optimize=True
        )
    print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


def _uploads(folder: Path) -> list[Path]:
    files = []
    for number in range(_DRAWN):
        file = folder / f"item-{1000 + number}.jpg"
        drawing = _LAST if number == _DRAWN - 1 else (number + 500, None)
        draw(*drawing, longest_side=500).image.convert("RGB").save(file, quality=85)
        files.append(file)
    for number in range(3):
        # The same tile again, re-encoded: one item of the queue.
        file = folder / f"item-{2000 + number}.jpg"
        Image.open(files[-1]).save(file, quality=60 + 10 * number)
        files.append(file)
    (folder / "item-3000.jpg").write_bytes(b"cut short")
    files += [folder / "item-3000.jpg", folder / "item-3001.jpg"]
    for name in _PHOTOGRAPHS:
        file = folder / f"{name}.jpg"
        Image.fromarray(getattr(data, name)()).save(file)
        files.append(file)
    return files


def _live_a_little(installation: Installation) -> None:
    """Leave some traces of people: decisions, the allow-list, a second version."""
    database = installation.database
    with database.reading() as session:
        rows = {row.key.rpartition("/")[2]: row for row in results.find(session)}
    flagged = [row.id for row in rows.values() if row.verdict == Verdict.PLACEHOLDER]
    decide(database, flagged[-4:], Verdict.PLACEHOLDER, "ann")
    decide(database, flagged[-6:-5], Verdict.REAL, "ann")
    logo = installation.folder / "item-1007.jpg"
    ours = from_bytes("logo.jpg", logo.read_bytes(), "the shop's own logo", look_alikes=True)
    allow(database, [ours], {})
    allow(database, from_uploads(database, ["shop/coffee"], "the picture of the first page"), {})
    folder = installation.folder / "version"
    shipped = shipped_version()
    shutil.copytree(shipped.folder, folder)
    (folder / "manifest.json").unlink()
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    # Too strict, so that it misses some of these uploads, whose pictures are there to be shown.
    fields |= {"threshold": _STRICT, "review_high": (1 + _STRICT) / 2}
    held_out: dict[Verdict, dict[str, float]] = {kind: {} for kind in Verdict}
    for name, row in rows.items():
        if row.similarity is not None:
            kind = Verdict.REAL if name in _PHOTOGRAPHS else Verdict.PLACEHOLDER
            content = (installation.folder / f"{name}.jpg").read_bytes()
            held_out[kind][sha256(content).hexdigest()] = row.similarity
    write_held_out(folder, held_out)
    version = write_manifest(folder, "trial", **fields)
    import_version(database, installation.settings, version.folder)


def _suspect_all(installation: Installation) -> list[int]:
    """Quarantine the set for a while: any one reference finds most of what is drawn."""
    with installation.database.transaction() as session:
        members = references.active(session).members
        return references.quarantine(session, [member.id for member in members], by="ann")


def _rescore(installation: Installation, suspects: list[int]) -> int:
    """Take them back, but for two that stay in quarantine, and ask for a rescoring."""
    with installation.database.transaction() as session:
        references.restore(session, suspects[2:], by="ann")
        wanted = RescoreParameters(yes=True).as_dict()
        return runs.request(session, RunKind.RESCORE, wanted, "eve")


def _is_done(installation: Installation, run_id: int) -> bool:
    with installation.database.reading() as session:
        return runs.get(session, run_id).state == RunState.DONE


def _open(installation: Installation) -> bool:
    with installation.database.reading() as session:
        states = results.counts(session).states
    return bool(states.get(UploadState.QUEUED) or states.get(UploadState.CLAIMED))


if __name__ == "__main__":
    main()
