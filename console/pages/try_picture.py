"""Try a picture: what the network says of what is dropped, and why."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import acting_html
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.try_state import (
    Tries,
    add_tried,
    forget_dropped,
    kept_tries,
    read_dropped,
)
from nophoto.console.rendering.templates import data_uri, render
from nophoto.jobs.curation.preview import PreviewResult, cosines
from nophoto.jobs.curation.reference_check import check_reference
from nophoto.jobs.uploads.thumbnails import as_webp
from nophoto.models.records.tables import Role
from nophoto.models.vision.pictures import PictureError

MOST = 8
"""Pictures at once; each costs half a second on a small machine."""


def try_page(_: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations) -> None:
    """Add the page's parts."""
    tries = kept_tries()
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=280):
            dropped = gr.File(
                label=texts("try.drop"), file_count="multiple", height=150, elem_id="drop"
            )
            path = gr.Textbox(
                value="",
                label=texts("try.path"),
                placeholder=texts("try.path.example"),
                max_lines=1,
            )
            judge = gr.Button(texts("try.judge"), variant="primary", elem_id="judge")
            gr.HTML(render("try_hint.html", texts, most=MOST))
        with gr.Column(scale=3, min_width=320):
            asked = acting_html(elem_id="asked")
            shown = acting_html(elem_id="tried", value=render("try_empty.html", texts))

    @user_errors
    def run(files: list[str] | None, uri: str, request: gr.Request) -> tuple[str, Tries, str, None]:
        person = access.require(request, Role.VIEWER, texts)
        arrived = files or []
        named = _read(arrived[:MOST], uri.strip(), context)
        left_out = forget_dropped(arrived[MOST:])
        return *_try(named, left_out, context, person, texts), "", None

    @user_errors
    def ask(event: gr.EventData, kept: Tries, request: gr.Request) -> str:
        access.require(request, Role.MODERATOR, texts)
        chosen = kept.chosen(context, event, texts)
        judge = context.trial.current()
        warnings = check_reference(context.database, chosen.tried, judge, context.settings)
        return render(
            "try_ask.html",
            texts,
            name=chosen.name,
            digest=chosen.tried.digest,
            warnings=warnings,
        )

    @user_errors
    def add(event: gr.EventData, kept: Tries, request: gr.Request) -> str:
        person = access.require(request, Role.MODERATOR, texts)
        if payload(event).get("act") != "add":
            return ""
        return add_tried(context, person, kept, event, texts)

    plain: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
    results = [shown, tries, asked, dropped]
    gr.on(
        [dropped.upload, path.submit, judge.click],
        run,
        [dropped, path],
        results,
        concurrency_limit=2,
        **plain,
    )
    shown.click(ask, [tries], [asked], queue=False, **plain)
    asked.click(add, [tries], [asked], queue=False, **plain)


def _read(
    files: Sequence[str], uri: str, context: ConsoleContext
) -> list[tuple[str, bytes | PictureError]]:
    found = read_dropped(files)
    if uri:
        try:
            found.append((uri.rpartition("/")[2], context.storage.read(uri)))
        except PictureError as error:
            found.append((uri, error))
    return found


def _try(
    named: Sequence[tuple[str, bytes | PictureError]],
    left_out: Sequence[str],
    context: ConsoleContext,
    person: Person,
    texts: Translations,
) -> tuple[str, Tries]:
    kept = Tries()
    may_add = person.may(Role.MODERATOR)
    judged: list[tuple[str, PreviewResult]] = []
    cards: list[dict[str, object]] = []
    for name, data in named:
        card: dict[str, object] = {"name": name, "tried": None, "failure": None}
        cards.append(card)
        try:
            if isinstance(data, PictureError):
                raise data
            tried = context.trial.run(data)
            card["picture"] = data_uri(context.thumbnails.copy(data, "large"))
        except PictureError as error:
            card["failure"] = error
        else:
            card |= {
                "tried": tried,
                "seen": data_uri(as_webp(tried.pixels)),
            }
            judged.append((name, tried))
            if may_add:
                kept.keep(context, name, data, tried)
    matrix = cosines([tried.vector for _, tried in judged]).tolist() if len(judged) > 1 else []
    page = render(
        "try.html",
        texts,
        cards=cards,
        matrix=matrix,
        names=[name for name, _ in judged],
        left_out=left_out,
        most=MOST,
        may_add=may_add,
    )
    return page, kept
