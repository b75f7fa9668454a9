"""Allow-list: pictures that are never flagged, whatever they look like."""

from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import QUIET, acting_html, number
from nophoto.console.components.filters import from_address
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.try_state import read_dropped
from nophoto.console.rendering.templates import render
from nophoto.jobs.curation.allow_list import Allowance, allow, from_bytes, from_uploads
from nophoto.models.errors import NophotoError
from nophoto.models.records.matching import allow_list
from nophoto.models.records.tables import Role
from nophoto.models.vision.pictures import PictureError

_ON_A_PAGE = 48


def allowed_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    place = gr.State(0)
    with gr.Accordion(texts("allowed.add"), open=False, elem_classes="for-moderators") as adding:
        dropped = gr.File(label=texts("allowed.drop"), height=120, elem_id="drop")
        key = gr.Textbox(value="", label=texts("allowed.key"), max_lines=1)
        reason = gr.Textbox(value="", label=texts("allowed.reason"), max_lines=2)
        look_alikes = gr.Checkbox(value=False, label=texts("allowed.look_alikes"))
        add = gr.Button(texts("allowed.yes"), variant="primary", elem_id="allow")
    shown = acting_html(elem_id="allowed")

    @user_errors
    def show(request: gr.Request) -> tuple[str, Any, Any]:
        person = access.require(request, Role.VIEWER, texts)
        listed = _page(context, person, texts, 0, "")
        # Page Review leads here with the key of its item.
        (wanted,) = from_address({"key": key}, request)
        if not wanted:
            # Somebody may have opened the part and be writing.
            return listed, gr.skip(), gr.skip()
        return listed, wanted, gr.Accordion(open=True)

    @user_errors
    def act(event: gr.EventData, place: int, request: gr.Request) -> tuple[str, int]:
        person = access.require(request, Role.VIEWER, texts)
        data = payload(event)
        message = ""
        if data.get("act") == "page":
            place = number(data.get("place")) or 0
        else:
            access.require(request, Role.MODERATOR, texts)
            message = _remove(context, data, texts)
        return _page(context, person, texts, place, message), place

    @user_errors
    def put(
        file: str | None,
        key: str | None,
        reason: str | None,
        look_alikes: bool | None,
        request: gr.Request,
    ) -> tuple[str, int, None, str, str, bool]:
        person = access.require(request, Role.MODERATOR, texts)
        why, named_key = (reason or "").strip(), (key or "").strip()
        if not why:
            raise NophotoError(texts("allowed.no_reason"))
        if file and named_key:
            raise NophotoError(texts("allowed.two_pictures"))
        if file:
            done = _allow_file(context, file, why, look_alikes=bool(look_alikes))
        elif named_key:
            named = from_uploads(context.database, [named_key], why)
            done = allow(context.database, named, {})
        else:
            raise NophotoError(texts("allowed.no_picture"))
        message = texts("allowed.did.add" if done.added else "allowed.already")
        # What is new stands on the first page.
        return _page(context, person, texts, 0, message), 0, None, "", "", False

    pages.load(show, None, [shown, key, adding], **QUIET)
    shown.click(act, place, [shown, place], **QUIET)
    wishes = [dropped, key, reason, look_alikes]
    add.click(
        put,
        wishes,
        [shown, place, *wishes],
        api_visibility="private",
        show_progress="minimal",
        show_progress_on=[shown],
    )


def _allow_file(context: ConsoleContext, file: str, reason: str, *, look_alikes: bool) -> Allowance:
    ((name, data),) = read_dropped([file])
    if isinstance(data, PictureError):
        raise data
    # In a decoding process: a file that is not a picture is refused there.
    context.thumbnails.copy(data, "small")
    return allow(context.database, [from_bytes(name, data, reason, look_alikes=look_alikes)], {})


def _remove(context: ConsoleContext, data: dict[str, Any], texts: Translations) -> str:
    wanted = number(data.get("id"))
    if data.get("act") != "remove" or wanted is None:
        raise NophotoError(texts("allowed.gone"))
    with context.database.transaction() as session:
        allow_list.remove(session, [wanted])
    return texts("allowed.did.remove", id=wanted)


def _page(
    context: ConsoleContext, person: Person, texts: Translations, place: int, message: str
) -> str:
    with context.database.reading() as session:
        members = allow_list.active(session).members
    newest = members[::-1]
    place = min(place, max(0, (len(newest) - 1) // _ON_A_PAGE))
    return render(
        "allowed.html",
        texts,
        members=newest[place * _ON_A_PAGE : (place + 1) * _ON_A_PAGE],
        total=len(newest),
        place=place,
        places=-(-len(newest) // _ON_A_PAGE),
        message=message,
        may_change=person.may(Role.MODERATOR),
    )
