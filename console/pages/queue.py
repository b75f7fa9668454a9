"""Queue: what waits, how fast it goes, what failed, and the bulk work under way."""

from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import QUIET, acting_html, number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.changes import changes_part
from nophoto.console.rendering.templates import render
from nophoto.jobs.rescoring.runs import Words, progress_in_words
from nophoto.jobs.uploads.failures import retry
from nophoto.jobs.uploads.status import read_status
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.runs import RunRow
from nophoto.models.records.scoring import workers
from nophoto.models.records.scoring.activity import activity
from nophoto.models.records.tables import Role, RunState, UploadState
from nophoto.models.vocabulary import FailureCode

_EVERY = 5.0
"""Seconds between two looks at the queue."""

_EXAMPLES = 5
"""Failed uploads of each code that are shown."""

_RUNS = 10
_STEERED = {"pause": runs.pause, "resume": runs.resume, "cancel": runs.cancel}


def queue_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    said = gr.HTML(elem_id="said")
    shown = acting_html(elem_id="queue")
    # What is opened by a hand must not stand in HTML that is written again: it would be closed.
    with gr.Accordion(texts("queue.examples"), open=False, elem_id="examples"):
        examples = gr.HTML()
    alive = gr.HTML(elem_id="workers")
    parts = [shown, examples, alive]

    @user_errors
    def show(request: gr.Request) -> tuple[str, str, str]:
        person = access.require(request, Role.VIEWER, texts)
        return _parts(context, person, texts)

    @user_errors
    def look(request: gr.Request) -> tuple[str, str, str]:
        person = access.require(request, Role.VIEWER, texts, by_timer=True)
        return _parts(context, person, texts)

    @user_errors
    def act(event: gr.EventData, request: gr.Request) -> tuple[str, str, str, str]:
        person = access.require(request, Role.ENGINEER, texts)
        message = render("message.html", texts, message=_act(context, payload(event), texts))
        return message, *_parts(context, person, texts)

    pages.load(show, None, parts, **QUIET)
    gr.Timer(_EVERY).tick(look, None, parts, **QUIET)
    shown.click(act, None, [said, *parts], **QUIET)
    changes_part(pages, context, access, texts)


def _act(context: ConsoleContext, data: dict[str, Any], texts: Translations) -> str:
    action = str(data.get("act"))
    if action == "retry":
        code = FailureCode(data.get("code", ""))
        filters = ResultFilter(failure=code)
        count = retry(context.database, context.app, filters, context.settings.chunk_size)
        return texts("queue.retried", n=count, code=texts(f"failure.{code}"))
    return steer(context, action, number(data.get("id")), texts)


def steer(context: ConsoleContext, action: str, run_id: int | None, texts: Translations) -> str:
    """Pause, resume or cancel a run, and tell so.

    Raises:
        NophotoError: if there is no such run, or it has ended.
    """
    if action not in _STEERED or run_id is None:
        raise NophotoError(texts("queue.gone"))
    with context.database.transaction() as session:
        _STEERED[action](session, run_id)
    return texts(f"run.did.{action}", id=run_id)


def described(run: RunRow, texts: Translations) -> dict[str, Any]:
    """What a template shows of a run."""
    progress = run.progress or {}
    done, total = progress.get("done"), progress.get("total")
    is_open = run.state in (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)
    return {
        "row": run,
        "words": progress_in_words(run, _words(texts)),
        "share": done / total if done is not None and total else None,
        "is_open": is_open,
        "may_pause": run.state in (RunState.QUEUED, RunState.RUNNING),
        "may_resume": run.state in (RunState.PAUSED, RunState.FAILED),
    }


def _words(texts: Translations) -> Words:
    return Words(
        texts("run.asks"),
        texts("run.of"),
        texts("run.per_second"),
        texts("run.left", time="{time}"),
        (texts("run.seconds"), texts("run.minutes"), texts("run.hours")),
    )


def _parts(context: ConsoleContext, person: Person, texts: Translations) -> tuple[str, str, str]:
    """How it stands now: the queue, examples of failures, and the workers."""
    status = read_status(context.database, context.app, context.settings)
    with context.database.reading() as session:
        busy = activity(session)
        alive = workers.list_all(session)
        found = [described(run, texts) for run in runs.list_runs(session, limit=_RUNS)]
        examples = {
            code: list(
                results.find(
                    session, ResultFilter(state=UploadState.FAILED, failure=code), _EXAMPLES
                )
            )
            for code in status.counts.failures
        }
    may_act = person.may(Role.ENGINEER)
    return (
        render("queue.html", texts, status=status, activity=busy, runs=found, may_act=may_act),
        render("queue_examples.html", texts, examples=examples),
        render("workers.html", texts, status=status, workers=alive),
    )
