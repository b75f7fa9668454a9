"""Review: what is flagged or in doubt, one decision after the other, by keys."""

from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, payload, user_errors
from nophoto.console.components.action_html import QUIET, acting_html, number
from nophoto.console.components.filters import Filters, folded_filters, from_address, remember
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.review_actions import Skipped, act_on
from nophoto.console.pages.review_item import View, filter_of, render_counts, render_item
from nophoto.console.pages.review_members import Places, places_of
from nophoto.console.pages.try_state import Tries, add_tried, ask_of_upload, kept_tries
from nophoto.console.rendering.templates import render
from nophoto.models.records.review.review_queue import Order
from nophoto.models.records.tables import Role
from nophoto.models.vocabulary import Verdict


def review_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    skipped = gr.State(Skipped())
    with folded_filters(texts):
        order = gr.Dropdown(
            [(texts(f"review.{order}"), order.value) for order in Order],
            value=Order.NEWEST.value,
            label=texts("review.order"),
            min_width=140,
        )
        verdict = gr.Dropdown(
            [
                (texts("review.all"), ""),
                *((texts(f"verdict.{word}"), word.value) for word in Verdict),
            ],
            value="",
            label=texts("review.network"),
            min_width=140,
        )
        prefix = gr.Textbox(
            value="",
            label=texts("review.prefix"),
            max_lines=1,
            min_width=140,
            elem_id="filter-key",
        )
        reference = gr.Textbox(
            value="", label=texts("review.by_reference"), max_lines=1, min_width=140
        )
        collection = gr.Textbox(
            value="", label=texts("review.collection"), max_lines=1, min_width=140
        )
        together = gr.Checkbox(value=True, label=texts("review.together"), min_width=140)
    tries = kept_tries()
    counted = acting_html(elem_id="counted")
    asked = acting_html(elem_id="asked")
    shown = acting_html(elem_id="review")
    with gr.Accordion(texts("review.history"), open=False):
        decisions = acting_html(elem_id="decisions")
    gr.HTML(render("key_help.html", texts, codes=context.settings.review_codes), elem_id="help")

    filters: Filters = {
        "order": order,
        "verdict": verdict,
        "key": prefix,
        "reference": reference,
        "collection": collection,
        "together": together,
    }

    @user_errors
    def open_page(request: gr.Request) -> tuple[Any, ...]:
        person = access.require(request, Role.VIEWER, texts, in_collection=True)
        chosen = from_address(filters, request)
        view = View(Order(chosen[0]), filter_of(person, *chosen[1:5]), chosen[5])
        return render_item(context, person, texts, view, Skipped(), ""), Skipped(), *chosen

    @user_errors
    def show(
        order: str,
        verdict: str,
        prefix: str,
        reference: str,
        collection: str,
        together: bool,
        request: gr.Request,
    ) -> tuple[str, Skipped]:
        person = access.require(request, Role.VIEWER, texts, in_collection=True)
        filters = filter_of(person, verdict, prefix, reference, collection)
        view = View(Order(order), filters, together)
        return render_item(context, person, texts, view, Skipped(), ""), Skipped()

    @user_errors
    def act(
        event: gr.EventData,
        skipped: Skipped,
        kept: Tries,
        order: str,
        verdict: str,
        prefix: str,
        reference: str,
        collection: str,
        together: bool,
        request: gr.Request,
    ) -> tuple[Any, Skipped, str, Tries]:
        data = payload(event)
        places = places_of(data)
        is_looking = places != Places()
        role = Role.VIEWER if is_looking else Role.MODERATOR
        adds = data.get("act") == "reference"
        # A reference claims the uploads of all collections, and what measures is of all of them.
        of_all = adds or data.get("act") in ("appeal", "answer")
        person = access.require(request, role, texts, in_collection=not of_all)
        if adds:
            asking, kept = ask_of_upload(context, number(data.get("upload")), texts)
            return gr.skip(), skipped, asking, kept
        message = ""
        if not is_looking:
            message, skipped = act_on(context, person, data, skipped, texts)
        chosen = filter_of(person, verdict, prefix, reference, collection)
        view = View(Order(order), chosen, together)
        shown = render_item(context, person, texts, view, skipped, message, places)
        return shown, skipped, "", kept

    @user_errors
    def count(
        skipped: Skipped,
        verdict: str,
        prefix: str,
        reference: str,
        collection: str,
        request: gr.Request,
    ) -> tuple[str, str]:
        person = access.require(request, Role.VIEWER, texts, in_collection=True)
        filters = filter_of(person, verdict, prefix, reference, collection)
        return render_counts(context, person, texts, filters, skipped)

    @user_errors
    def add(event: gr.EventData, kept: Tries, request: gr.Request) -> str:
        person = access.require(request, Role.MODERATOR, texts)
        is_wanted = payload(event).get("act") == "add"
        return add_tried(context, person, kept, event, texts) if is_wanted else ""

    inputs = list(filters.values())
    opened = pages.load(open_page, None, [shown, skipped, *inputs], **QUIET)
    looked = gr.on(
        [control.input for control in inputs],
        show,
        inputs,
        [shown, skipped],
        # While one types: an answer for letters that were changed since is passed over.
        trigger_mode="always_last",
        js=remember(filters),
        **QUIET,
    )
    asked.click(add, [tries], [asked], **QUIET)
    acts = [part.click for part in (shown, counted, decisions)]
    acted = gr.on(acts, act, [skipped, tries, *inputs], [shown, skipped, asked, tries], **QUIET)
    for done in (opened, looked, acted):
        # The next item does not wait for what is only counted.
        counted_by = [skipped, verdict, prefix, reference, collection]
        done.then(count, counted_by, [counted, decisions], **QUIET)
