"""The page Queue in a real browser against a real system: failures, runs, workers."""

from datetime import timedelta

from sqlalchemy import update

from nophoto.models.records import clock, references, runs
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.scoring import workers
from nophoto.models.records.scoring.workers import Presence
from nophoto.models.records.tables import RunKind, RunState, Worker
from nophoto.models.vocabulary import FailureCode
from tests.console.conftest import until
from tests.console.pages.acting import own_worker, said


def test_failures_are_tried_again_and_runs_cancelled_by_engineers_alone(site, visit):
    with site.database.transaction() as session:
        run = runs.request(session, RunKind.RESCORE, {}, "engineer")
        runs.pause(session, run)  # or the worker would be done with it too soon
    page = visit("moderator", "queue")
    page.wait_for_selector("[data-code=unreadable]")
    assert page.locator("[data-act]").count() == 0
    page = visit("engineer", "queue")
    page.click("[data-act=retry][data-code=unreadable]")
    said(page, "queued again")
    until(lambda: site.rows()["broken.jpg"].failure == FailureCode.UNREADABLE)
    page.click(f"tr[data-run='{run}'] >> text=cancel")
    page.wait_for_selector(f"tr[data-run='{run}'] >> text=cancelled")
    with site.database.reading() as session:
        assert runs.get(session, run).state == RunState.CANCELLED


def test_a_run_that_asks_is_told_in_a_banner_until_it_is_answered(site, visit):
    with site.database.transaction() as session:
        run = runs.request(session, RunKind.RETRAIN, {}, "engineer")  # no worker here takes it
        token = runs.claim(session, run, 60).token
        runs.hold(session, token, {"question": "is that so?"})
    page = visit("engineer", "queue")
    page.wait_for_selector(f".banner:has-text('Run {run} has stopped with a question')")
    page.click(f"tr[data-run='{run}'] >> text=cancel")
    page.wait_for_selector(".banner", state="detached")


def test_what_was_opened_and_what_was_said_outlast_the_next_look_at_the_queue(site, visit):
    page = visit("engineer", "queue")
    page.click("text=Examples of what failed")
    example = page.locator("[data-examples=unreadable]")
    example.wait_for()
    assert "broken.jpg" in example.inner_text()
    page.click("[data-act=retry][data-code=unreadable]")
    said(page, "queued again")
    until(lambda: site.rows()["broken.jpg"].failure == FailureCode.UNREADABLE)
    with site.database.transaction() as session:
        workers.arrive(session, Presence("elsewhere", 9, ["bulk"]))
    # A look later than the last one, which knows of what is new.
    page.locator("#workers tr[data-worker='elsewhere:9']").wait_for()
    with site.database.transaction() as session:
        workers.leave(session, "elsewhere", 9)
    page.locator("#workers tr[data-worker='elsewhere:9']").wait_for(state="detached")
    assert example.is_visible()
    assert "queued again" in page.inner_text("#message")


def test_workers_tell_of_themselves(site, visit):
    with site.database.transaction() as session:
        workers.arrive(session, Presence("elsewhere", 7, ["training"], "nophoto.retrain", 90.0))
    page = visit("viewer", "queue")
    there = page.locator("#workers tr[data-worker='elsewhere:7']")
    there.wait_for()
    assert "nophoto.retrain" in there.inner_text()
    own = own_worker(page)
    assert "bulk" in own.inner_text()
    assert own.locator(".badge.warn").count() == 0
    with site.database.transaction() as session:
        long_ago = clock.now(session) - timedelta(minutes=5)
        gone = update(Worker).where(Worker.host == "elsewhere")
        session.execute(gone.values(heard_at=long_ago))
    there.locator(r"text=/silent for 5\.\d min/").wait_for()
    with site.database.transaction() as session:
        workers.leave(session, "elsewhere", 7)
    there.wait_for(state="detached")


def rescore(site) -> int:
    """Have everything judged again, and wait until it is."""
    with site.database.transaction() as session:
        wanted = RescoreParameters(yes=True).as_dict()
        run = runs.request(session, RunKind.RESCORE, wanted, "engineer")

    def is_done() -> bool:
        with site.database.reading() as session:
            return runs.get(session, run).state == RunState.DONE

    until(is_done, 60)
    return run


def test_what_a_rescoring_changed_is_listed(site, visit):
    page = visit("viewer", "queue")
    page.wait_for_selector("#changes >> text=No rescoring has come to anything yet")
    with site.database.transaction() as session:
        members = [member.id for member in references.active(session).members]
        references.quarantine(session, members)
    first = rescore(site)
    with site.database.transaction() as session:
        references.restore(session, members)
    try:
        # The page that stands there learns of it.
        page.wait_for_selector(f"#changes [data-chosen='{first}']")
        change = page.locator(f".change[data-upload='{site.rows()['other.webp'].id}']")
        badges = change.locator(".badge").all_inner_texts()
        assert badges[:2] == ["placeholder", "real"]
        assert "is in quarantine. Restore or retire it on the page" in change.inner_text()
        assert "score" in change.inner_text()
        assert page.locator(".change").count() == 4
    finally:
        second = rescore(site)
    page.wait_for_selector(f"#changes [data-chosen='{second}']")
    assert change.locator(".badge").all_inner_texts()[:2] == ["real", "placeholder"]
    page.click(f"#changes [data-act=run][data-id='{first}']")
    page.wait_for_selector(f"#changes [data-chosen='{first}']")
    # What was said since is another verdict than that run's.
    assert "not written" in change.inner_text()
