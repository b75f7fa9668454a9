"""The page Models in a real browser against a real system: versions and trainings."""

import shutil
from hashlib import sha256
from pathlib import Path

from PIL import Image

from nophoto.jobs.versions.promotion import import_version
from nophoto.models.records import clock, runs
from nophoto.models.records.tables import Run, RunKind, RunState
from nophoto.models.records.versions import promotions
from nophoto.models.vision.versions import shipped_version, write_held_out, write_manifest
from nophoto.models.vocabulary import Verdict
from tests.console.pages.acting import said, unfold


def _another_version(site, folder: Path, wrong: dict[str, float] | None = None) -> str:
    """A version with the network of the shipped one, known but not active.

    Of real pictures it is `wrong` about those of these digests.
    """
    shipped = shipped_version()
    shutil.copytree(shipped.folder, folder)
    (folder / "manifest.json").unlink()
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    found = {f"{n:064x}": 0.9 - n / 1000 for n in range(30)}
    real = dict.fromkeys(found, -0.5) | (wrong or {})
    write_held_out(folder, {Verdict.PLACEHOLDER: found, Verdict.REAL: real})
    version = write_manifest(folder, "mistaken" if wrong else "other", **fields)
    import_version(site.database, site.settings, version.folder)
    return version.id


def test_versions_are_compared_promoted_through_the_gate_and_rolled_back(site, visit, tmp_path):
    other = _another_version(site, tmp_path / "version")
    shipped = shipped_version().id
    page = visit("moderator", "models")
    page.wait_for_selector(".version")
    assert page.locator("[data-act=promote]").count() == 0
    for title in ("Overrule the gate", "Train a new version"):
        assert not page.locator(f"text={title}").is_visible()
    page = visit("engineer", "models")
    page.click(f".version[data-id='{other}'] [data-act=show]")
    page.wait_for_selector(f"[data-version='{other}'] svg")
    assert page.locator("[data-version] svg").count() >= 2
    page.click("#compare button")
    page.wait_for_selector(f"#compared >> text={shipped} → {other}")
    page.click(f"#models [data-act=promote][data-id='{other}']")
    page.click("#switching [data-act=leave]")
    page.wait_for_selector(".ask", state="detached")
    page.click(f"#models [data-act=promote][data-id='{other}']")
    page.wait_for_selector(".ask h2")
    assert page.inner_text(".ask h2") == f"Let {other} judge?"
    page.click("#switching [data-act=promote]")
    page.wait_for_selector("text=is not promoted")
    force = page.get_by_label("promote even if")
    unfold(page, "Overrule the gate", force)
    page.get_by_label("Reason", exact=True).fill("tried on the shop's pictures")
    force.check()
    page.click(f"#models [data-act=promote][data-id='{other}']")
    page.wait_for_selector(".ask .warning:has-text('overruled')")
    page.click("#switching [data-act=promote]")
    page.wait_for_selector(f"#message:has-text('{other} judges')", timeout=200_000)
    assert f"{shipped} → {other}" in page.inner_text("#said h2")
    assert "too few pictures" in page.inner_text("#said .warning")
    page.click("#models [data-act=roll-back]")
    page.click("#switching [data-act=roll-back]")
    page.wait_for_selector(f"#message:has-text('{shipped} judges')", timeout=200_000)
    with site.database.reading() as session:
        changes = promotions.history(session)
    assert [change.by for change in changes[:2]] == ["engineer", "engineer"]
    assert changes[1].forced
    assert changes[1].reason == "tried on the shop's pictures"


def _trained_here(site, version: str, files: dict[str, Path]) -> None:
    """Have a retraining that is done name the held-out files of the worst mistakes."""
    with site.database.transaction() as session:
        now = clock.now(session)
        named = {digest: str(file) for digest, file in files.items()}
        session.add(
            Run(
                kind=RunKind.RETRAIN,
                parameters={},
                state=RunState.DONE,
                result={"model_version": version, "held_out_files": named},
                created_at=now,
                finished_at=now,
            )
        )


def test_the_worst_mistakes_among_the_held_out_pictures_are_shown(site, visit, tmp_path):
    held_out, outside = site.pictures / "held-out.png", tmp_path / "outside.png"
    for colour, file in ((50, held_out), (90, outside)):
        Image.new("RGB", (64, 64), (colour, 0, 0)).save(file)
    digests = {
        name: sha256(file.read_bytes()).hexdigest()
        for name, file in (
            ("upload", site.pictures / "cat.jpg"),
            ("held-out", held_out),
            ("outside", outside),
        )
    }
    changed = "c" * 64
    wrong = {**dict(zip(digests.values(), (0.99, 0.98, 0.97), strict=True)), changed: 0.96}
    wrong["a" * 64] = 0.95
    version = _another_version(site, tmp_path / "version", wrong)
    files = {digests["held-out"]: held_out, digests["outside"]: outside, changed: held_out}
    _trained_here(site, version, files)
    page = visit("viewer", "models")
    page.click(f".version[data-id='{version}'] [data-act=show]")
    page.wait_for_selector(".mistakes figure")
    said = [text.split("\n") for text in page.locator(".mistakes figcaption").all_inner_texts()]
    assert [name for _, name in said[:5]] == [
        "cat.jpg",
        "held-out.png",
        "outside.png",
        "held-out.png",
        "a" * 12,
    ]
    assert said[0][0] == "0.990 real, taken for a placeholder"
    assert str(site.pictures) not in page.content()
    types = [
        page.request.get(site.url + image.get_attribute("src")).headers["content-type"]
        for image in page.locator(".mistakes img").all()
    ]
    # One lies outside the roots, and where another should be lies another picture by now.
    assert types == ["image/webp", "image/webp", "image/svg+xml", "image/svg+xml"]
    assert page.locator(".mistakes .unknown").count() == 1


def test_a_training_is_asked_for_and_cancelled(site, visit):
    page = visit("engineer", "models")
    unfold(page, "Train a new version", page.locator("#start-training"))
    folder = page.get_by_label("Folders of real pictures")
    folder.fill("/srv/photographs")
    page.click("#start-training")
    page.wait_for_selector("text=photographs is outside the allowed roots")
    wanted = [str(site.pictures / name) for name in ("photographs", "goods")]
    folder.fill("\n\n".join(wanted))
    page.click("#start-training")
    said(page, "is asked for")
    page.click("#trainings >> text=cancel")
    said(page, "is cancelled")
    with site.database.reading() as session:
        (run,) = runs.list_runs(session, RunKind.RETRAIN, limit=1)
    assert run.parameters["real"] == wanted
    assert run.parameters["confined"]
    assert (run.requested_by, run.state) == ("engineer", RunState.CANCELLED)
