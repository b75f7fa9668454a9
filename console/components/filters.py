"""The filters of a page: folded away on a phone, and kept in the page's address."""

import json
from collections.abc import Mapping
from typing import Any

import gradio as gr

from nophoto.console.i18n.catalogue import Translations
from nophoto.console.rendering.templates import render

_LONGEST = 1_000
"""Characters of a filter; what is longer was not typed."""

Filter = gr.Dropdown | gr.Textbox | gr.Checkbox
Filters = Mapping[str, Filter]
"""Dropdowns, text boxes and checkboxes by their names in the address."""


def folded_filters(texts: Translations) -> gr.Row:
    """A row for filters; on a phone it is there once its title was pressed."""
    # Nothing ever writes this HTML again, and so what is open stays open.
    gr.HTML(render("filters_fold.html", texts), elem_id="fold")
    return gr.Row(elem_id="filters")


def remember(filters: Filters) -> str:
    """JavaScript that writes the filters into the address, for an event that they are inputs of.

    A page that is opened again, sent to somebody else, or gone back to shows the same. Inputs
    before the filters, such as a state, go through unchanged.
    """
    first = {name: part.value for name, part in filters.items()}
    return f"(...inputs) => nophoto.remember({json.dumps(first)}, inputs)"


def from_address(filters: Filters, request: gr.Request) -> list[Any]:
    """The values of the filters that the page's address gives, in their order.

    Anybody may write an address: what is not a choice of a filter is its first value.
    """
    query = request.query_params
    return [_value(part, query.get(name)) for name, part in filters.items()]


def _value(part: Filter, written: str | None) -> Any:
    if written is None:
        return part.value
    if isinstance(part, gr.Checkbox):
        return written == "true"
    if isinstance(part, gr.Dropdown):
        return written if written in [value for _, value in part.choices] else part.value
    return written[:_LONGEST]
