"""What rescorings changed: the uploads that got another verdict, the newest run first."""

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, payload, user_errors
from nophoto.console.components.action_html import QUIET, acting_html, number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.rendering.templates import render
from nophoto.models.records import runs
from nophoto.models.records.rescoring import count_flips, find_changes
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import Role, RunKind, RunState

_EVERY = 5.0
"""Seconds between two looks whether another run has come to something."""

_ON_A_PAGE = 24
_RUNS = 6
"""Rescorings that can be chosen, the last ones."""


@dataclass(frozen=True, slots=True)
class View:
    """What one visitor looks at.

    Attributes:
        run_id: of the run that they chose; None for whichever is the newest.
        place: of the page, from 0.
        newest: the newest run that was there when they looked, and how it stood.
    """

    run_id: int | None = None
    place: int = 0
    newest: tuple[int, RunState] | None = None


def changes_part(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the part to the page that is being built."""
    view = gr.State(View())
    shown = acting_html(elem_id="changes")

    @user_errors
    def show(view: View, request: gr.Request) -> tuple[str, View]:
        access.require(request, Role.VIEWER, texts)
        return _page(context, texts, view, _told_of(context))

    @user_errors
    def look(view: View, request: gr.Request) -> tuple[Any, Any]:
        access.require(request, Role.VIEWER, texts, by_timer=True)
        found = _told_of(context)
        # Thousands of changes are not asked for again while they are the same.
        if _newest(found) == view.newest:
            return gr.skip(), gr.skip()
        # Who leafs through the newest one begins again with the next.
        return _page(context, texts, view if view.run_id else View(), found)

    @user_errors
    def act(event: gr.EventData, view: View, request: gr.Request) -> tuple[str, View]:
        access.require(request, Role.VIEWER, texts)
        data = payload(event)
        if data.get("act") == "page":
            view = replace(view, place=number(data.get("place")) or 0)
        elif data.get("act") == "run":
            view = View(run_id=number(data.get("id")))
        return _page(context, texts, view, _told_of(context))

    pages.load(show, view, [shown, view], **QUIET)
    gr.Timer(_EVERY).tick(look, view, [shown, view], **QUIET)
    shown.click(act, view, [shown, view], **QUIET)


def _told_of(context: ConsoleContext) -> list[RunRow]:
    """The last rescorings that know what is to be said otherwise."""
    with context.database.reading() as session:
        found = runs.list_runs(session, RunKind.RESCORE, limit=4 * _RUNS)
    known = [run for run in found if run.result or (run.progress or {}).get("question")]
    return known[:_RUNS]


def _page(
    context: ConsoleContext, texts: Translations, view: View, known: list[RunRow]
) -> tuple[str, View]:
    chosen = _chosen(view, known)
    rows, count, place = [], 0, 0
    if chosen is not None:
        with context.database.reading() as session:
            count = count_flips(session, chosen.id)
            place = min(view.place, max(0, (count - 1) // _ON_A_PAGE))
            rows = list(
                find_changes(session, chosen.id, limit=_ON_A_PAGE, offset=place * _ON_A_PAGE)
            )
    page = render(
        "changes.html",
        texts,
        runs=known,
        chosen=chosen,
        rows=rows,
        count=count,
        is_forgotten=chosen is not None and not count and _flipped(chosen) > 0,
        place=place,
        places=-(-count // _ON_A_PAGE),
    )
    return page, View(view.run_id, place, _newest(known))


def _newest(known: list[RunRow]) -> tuple[int, RunState] | None:
    return (known[0].id, known[0].state) if known else None


def _chosen(view: View, known: list[RunRow]) -> RunRow | None:
    """The run that somebody chose, or else the newest, which had better be no dry run."""
    asked = [run for run in known if run.id == view.run_id]
    written = [run for run in known if not run.parameters.get("dry_run")]
    return next(iter(asked or written or known), None)


def _flipped(run: RunRow) -> int:
    result = runs.rescore_result(run)
    return 0 if result is None else result["to_placeholder"] + result["to_real"]
