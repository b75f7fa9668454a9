"""Discover: pictures that many uploads share and that no reference claims."""

from datetime import timedelta
from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import acting_html, number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.rendering.templates import render
from nophoto.jobs.curation.discover import decide_discovery, discover, quarantine_medoid
from nophoto.jobs.curation.reviews import undo_last
from nophoto.models.records.tables import Role
from nophoto.models.vocabulary import Kind, Verdict

_SHOWN = 24
"""Groups that a page shows."""

_DAYS = (1, 7, 30)


def discover_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    with gr.Row(elem_id="filters"):
        days = gr.Dropdown(
            [(texts("discover.days", n=each), each) for each in _DAYS],
            value=7,
            label=texts("discover.window"),
            min_width=140,
        )
        least = gr.Number(5, label=texts("discover.least"), minimum=2, precision=0, min_width=140)
        kind = gr.Dropdown(
            [(texts(f"kind.{each}"), each.value) for each in Kind],
            value=Kind.OWN.value,
            label=texts("discover.kind"),
            min_width=140,
        )
    message = gr.HTML(elem_id="said")
    groups = gr.State(dict[int, list[int]]())
    shown = acting_html(elem_id="discover")

    @user_errors
    def show(
        days: int, least: float | None, request: gr.Request
    ) -> tuple[str, dict[int, list[int]]]:
        person = access.require(request, Role.VIEWER, texts)
        found = discover(
            context.database,
            context.trial.current(),
            window=timedelta(days=days),
            least=max(2, int(least or 2)),
        )
        page = render(
            "discover.html",
            texts,
            found=found[:_SHOWN],
            total=len(found),
            may_change=person.may(Role.MODERATOR),
        )
        return page, {each.medoid.upload_id: each.upload_ids for each in found[:_SHOWN]}

    @user_errors
    def act(
        event: gr.EventData, kind: str, groups: dict[int, list[int]], request: gr.Request
    ) -> str:
        person = access.require(request, Role.MODERATOR, texts)
        data = payload(event)
        medoid = number(data.get("id")) or 0
        if data.get("act") == "quarantine":
            said = _quarantine(context, person, medoid, Kind(kind), texts)
        elif data.get("act") == "decide":
            word = Verdict(data.get("verdict", ""))
            made = decide_discovery(context.database, groups.get(medoid, []), word, person.name)
            said = texts("review.decided", n=made, verdict=texts(f"verdict.{word}"))
        elif data.get("act") == "undo":
            undone = undo_last(context.database, person.name)
            said = texts("review.undone" if undone else "review.nothing", n=undone)
        else:
            said = ""
        return render("message.html", texts, message=said)

    busy: dict[str, Any] = {
        "api_visibility": "private",
        "show_progress": "minimal",
        "concurrency_limit": 1,
    }
    pages.load(show, [days, least], [shown, groups], **busy)
    for control in (days, least):
        control.input(show, [days, least], [shown, groups], **busy)
    shown.click(act, [kind, groups], message, **busy)


def _quarantine(
    context: ConsoleContext, person: Person, upload_id: int, kind: Kind, texts: Translations
) -> str:
    made = quarantine_medoid(
        context.database,
        context.trial,
        context.storage,
        context.settings,
        upload_id,
        by=person.name,
        kind=kind,
    )
    if made.member is None:
        return texts("discover.refused", why="; ".join(made.check.objections))
    return texts("discover.made", id=made.member.id, n=made.check.claims.copies)
