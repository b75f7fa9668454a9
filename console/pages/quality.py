"""Quality: recall and precision of live verdicts, how far moderators agree, and what drifts."""

import gradio as gr

from nophoto.console.auth.permissions import Access, user_errors
from nophoto.console.components.action_html import QUIET
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.rendering.charts import Series, line_chart
from nophoto.console.rendering.templates import render
from nophoto.jobs.quality.report import Week, quality_report
from nophoto.models.records.tables import Role
from nophoto.worker.maintenance.drift import look_for_drift


def quality_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    shown = gr.HTML(elem_id="quality")

    @user_errors
    def show(request: gr.Request) -> str:
        access.require(request, Role.VIEWER, texts)
        found = quality_report(context.database)
        return render(
            "quality.html",
            texts,
            found=found,
            drifts=look_for_drift(context.database),
            chart=line_chart(
                [_series(found.weeks, name, texts) for name in ("recall", "precision")],
                texts("quality.weeks_ago"),
            ),
        )

    pages.load(show, None, shown, **QUIET)


def _series(weeks: list[Week], name: str, texts: Translations) -> Series:
    points = [
        (-float(place), getattr(week.quality, name).value)
        for place, week in enumerate(weeks)
        if getattr(week.quality, name)
    ]
    points.reverse()
    return Series(texts(f"quality.{name}"), [x for x, _ in points], [y for _, y in points])
