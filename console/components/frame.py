"""What stands above every page: health issues, who is logged in, the language."""

import gradio as gr
from gradio.components import Navbar

from nophoto.console.auth.permissions import Access
from nophoto.console.components.action_html import QUIET
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import LANGUAGES, Translations
from nophoto.console.rendering.templates import render
from nophoto.models.records.database import DatabaseUnreachableError
from nophoto.models.records.tables import Role

_EVERY = 10.0
"""Seconds between two looks at the health issues."""


def frame(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations, name: str
) -> None:
    """Add the frame to the page of this name, which is being built."""
    Navbar(main_page_name=texts("page.try"))
    bar = gr.HTML(elem_id="bar")
    banner = gr.HTML(elem_id="banner")

    def show_bar(request: gr.Request) -> str:
        try:
            person = access.person(request)
        except DatabaseUnreachableError:
            person = None
        return render(
            "bar.html",
            texts,
            person=person,
            may=[role for role in Role if person and person.may(role)],
            login=access.login,
            name=name,
            languages=LANGUAGES,
        )

    def show_banner() -> str:
        return render("banner.html", texts, issues=context.health.issues())

    pages.load(show_bar, None, bar, **QUIET)
    pages.load(show_banner, None, banner, **QUIET)
    gr.Timer(_EVERY).tick(show_banner, None, banner, **QUIET)
