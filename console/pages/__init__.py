"""The Gradio application of one language: a page for each thing that people do."""

import gradio as gr

from console.access import Access
from console.pages.allowed import allowed_page
from console.pages.frame import frame
from console.pages.models import models_page
from console.pages.queue import queue_page
from console.pages.references import references_page
from console.pages.review import review_page
from console.pages.try_picture import try_page
from console.room import Room
from console.texts import Texts

_UPLOADS_LOOKED_AFTER = (60, 600)
"""Seconds: how often what was dropped is looked through, and how old it may grow at most."""


def build_pages(room: Room, access: Access, texts: Texts) -> gr.Blocks:
    """Every page, in the language of `texts`."""
    pages: gr.Blocks
    with gr.Blocks(
        title="nophoto",
        analytics_enabled=False,
        delete_cache=_UPLOADS_LOOKED_AFTER,
        fill_width=True,
    ) as pages:
        frame(pages, room, access, texts)
        try_page(pages, room, access, texts)
    for name, build in (
        ("review", review_page),
        ("references", references_page),
        ("allowed", allowed_page),
        ("queue", queue_page),
        ("models", models_page),
    ):
        with pages.route(texts(f"page.{name}"), f"/{name}"):
            frame(pages, room, access, texts)
            build(pages, room, access, texts)
    return pages
