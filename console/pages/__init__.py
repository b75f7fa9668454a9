"""The Gradio application of one language: a page for each thing that people do."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from gradio.routes import App

from nophoto.console.auth.permissions import Access
from nophoto.console.components.frame import frame
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.allow_list import allowed_page
from nophoto.console.pages.discover import discover_page
from nophoto.console.pages.models import models_page
from nophoto.console.pages.quality import quality_page
from nophoto.console.pages.queue import queue_page
from nophoto.console.pages.references import references_page
from nophoto.console.pages.review import review_page
from nophoto.console.pages.try_picture import try_page

_UPLOADS_LOOKED_AFTER = (60, 600)
"""Seconds: how often what was dropped is looked through, and how old it may grow at most."""


def build_pages(context: ConsoleContext, access: Access, texts: Translations) -> gr.Blocks:
    """Every page, in the language of `texts`."""
    with _no_web_applications():
        pages = _lay_out(context, access, texts)
    # The queue asks the one of its pages for its path, whatever serves them.
    pages.app = App.create_app(pages, mcp_server=False)
    return pages


@contextmanager
def _no_web_applications() -> Iterator[None]:
    """Have Gradio make no web application meanwhile.

    It makes one whenever a page ends, and keeps the last: the others would be two thirds of the
    processor time that a console takes to start.
    """
    original = App.__dict__["create_app"]
    setattr(App, "create_app", staticmethod(lambda *_, **__: None))  # noqa: B010
    try:
        yield
    finally:
        setattr(App, "create_app", original)  # noqa: B010


def _lay_out(context: ConsoleContext, access: Access, texts: Translations) -> gr.Blocks:
    pages: gr.Blocks
    with gr.Blocks(
        title="nophoto",
        analytics_enabled=False,
        delete_cache=_UPLOADS_LOOKED_AFTER,
        fill_width=True,
    ) as pages:
        frame(pages, context, access, texts, "try")
        try_page(pages, context, access, texts)
    for name, build in (
        ("review", review_page),
        ("references", references_page),
        ("allowed", allowed_page),
        ("discover", discover_page),
        ("queue", queue_page),
        ("models", models_page),
        ("quality", quality_page),
    ):
        with pages.route(texts(f"page.{name}"), f"/{name}"):
            frame(pages, context, access, texts, name)
            build(pages, context, access, texts)
    return pages
