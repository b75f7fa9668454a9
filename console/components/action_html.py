"""HTML whose buttons act: an element with `data-act` sends all its data to Python when clicked.

What several buttons send alike stands once, in the `data-` attributes of the element with
`data-group` around them.
"""

from typing import Any

import gradio as gr

_DIGITS = 18
"""So many at most fit into the 64 bits of an id."""

_ON_LOAD = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-act]');
  if (!button || !element.contains(button)) return;
  trigger('click', {...button.closest('[data-group]')?.dataset, ...button.dataset});
});
"""


def acting_html(**options: Any) -> gr.HTML:
    """An HTML component with such buttons; what they send is the payload of its `click`."""
    return gr.HTML(js_on_load=_ON_LOAD, **options)


def number(value: object) -> int | None:
    """A row's number that a button sent; None where something else stands there."""
    word = str(value)
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= _DIGITS else None


QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""Options of an event whose answer comes at once, without a sign of progress."""
