"""Discover: pictures that many uploads share and that no reference claims."""

from datetime import timedelta
from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import acting_html, number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.rendering.templates import render
from nophoto.jobs.curation.discover import discover
from nophoto.jobs.curation.discovery_acts import decide_discovery, quarantine_medoid
from nophoto.jobs.curation.reviews import undo_last
from nophoto.models.records import collections
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
        collection = gr.Dropdown(
            [(texts("review.all"), "")],
            value="",
            label=texts("review.collection"),
            min_width=140,
        )
    message = gr.HTML(elem_id="said")
    groups = gr.State(dict[int, list[int]]())
    shown = acting_html(elem_id="discover")

    @user_errors
    def open_page(
        days: int, least: float | None, request: gr.Request
    ) -> tuple[str, dict[int, list[int]], Any]:
        access.require(request, Role.VIEWER, texts)
        with context.database.reading() as session:
            names = sorted(collections.names(session))
        choices = [(texts("review.all"), ""), *((name, name) for name in names)]
        return *show(days, least, "", request), gr.Dropdown(choices=choices, value="")

    @user_errors
    def show(
        days: int, least: float | None, collection: str, request: gr.Request
    ) -> tuple[str, dict[int, list[int]]]:
        person = access.require(request, Role.VIEWER, texts)
        found = discover(
            context.database,
            context.trial.current(collection or None),
            window=timedelta(days=days),
            least=max(2, int(least or 2)),
            collection=collection or None,
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
        event: gr.EventData,
        kind: str,
        collection: str,
        groups: dict[int, list[int]],
        request: gr.Request,
    ) -> str:
        person = access.require(request, Role.MODERATOR, texts)
        data = payload(event)
        medoid = number(data.get("id")) or 0
        if data.get("act") == "quarantine":
            said = _quarantine(context, person, medoid, Kind(kind), collection or None, texts)
        elif data.get("act") == "decide":
            word = Verdict(data.get("verdict", ""))
            made = decide_discovery(
                context.database,
                groups.get(medoid, []),
                word,
                person.name,
                collection=collection or None,
            )
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
    pages.load(open_page, [days, least], [shown, groups, collection], **busy)
    for control in (days, least, collection):
        control.input(show, [days, least, collection], [shown, groups], **busy)
    shown.click(act, [kind, collection, groups], message, **busy)


def _quarantine(
    context: ConsoleContext,
    person: Person,
    upload_id: int,
    kind: Kind,
    collection: str | None,
    texts: Translations,
) -> str:
    made = quarantine_medoid(
        context.database,
        context.trial,
        context.storage,
        context.settings,
        upload_id,
        by=person.name,
        kind=kind,
        collection=collection,
    )
    if made.member is None:
        return texts("discover.refused", why="; ".join(made.check.objections))
    return texts("discover.made", id=made.member.id, n=made.check.claims.copies)
