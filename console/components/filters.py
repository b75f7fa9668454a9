"""What folds the filters of a page away on a phone, where they would fill the window."""

import gradio as gr

from nophoto.console.i18n.catalogue import Texts
from nophoto.console.rendering.templates import render


def folded_filters(texts: Texts) -> gr.Row:
    """A row for filters; on a phone it is there once its title was pressed."""
    # Nothing ever writes this HTML anew, and so what is open stays open.
    gr.HTML(render("filters_fold.html", texts), elem_id="fold")
    return gr.Row(elem_id="filters")
