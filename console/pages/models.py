"""Models: versions side by side, which of them judges, and training a new one."""

from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import QUIET, acting_html, number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.models.held_out import read_mistakes
from nophoto.console.pages.queue import described, steer
from nophoto.console.rendering.templates import render
from nophoto.console.rendering.version_details import (
    held_out_charts,
    kept_curve,
    training_curves,
    worst_mistakes,
)
from nophoto.jobs.evaluation.compare_versions import compare_versions
from nophoto.jobs.versions.promotion import get_version, list_versions
from nophoto.jobs.versions.promotion_process import PromotionRequest, promote_in_subprocess
from nophoto.jobs.versions.shadow import last_dry_rescoring, shadow_report
from nophoto.models.records import runs
from nophoto.models.records.tables import Role, RunKind
from nophoto.models.records.versions import model_versions, promotions
from nophoto.worker.retraining.confinement import confine
from nophoto.worker.retraining.request import RetrainParameters, request_retraining
from nophoto.worker.versions.registry import open_registered

_EVERY = 5.0
"""Seconds between two looks at trainings under way."""

_RUNS = 5
_CHANGES = 10


def models_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    message = gr.HTML(elem_id="said")
    asked = acting_html(elem_id="switching")
    shown = acting_html(elem_id="models")
    with gr.Row(elem_id="compare"):
        first = gr.Dropdown([], label=texts("models.first"), min_width=160)
        second = gr.Dropdown([], label=texts("models.second"), min_width=160)
        compare = gr.Button(texts("models.compare"), min_width=120)
    compared = gr.HTML(elem_id="compared")
    with gr.Accordion(texts("models.force"), open=False, elem_classes="for-engineers"):
        reason = gr.Textbox(value="", label=texts("models.reason"), max_lines=2)
        force = gr.Checkbox(label=texts("models.force.yes"))
    details = acting_html(elem_id="details")
    shadowed = gr.HTML(elem_id="shadow")
    trainings = acting_html(elem_id="trainings")
    with gr.Accordion(texts("train.title"), open=False, elem_classes="for-engineers"):
        real = gr.Textbox(value="", label=texts("train.real"), lines=2)
        placeholders = gr.Textbox(value="", label=texts("train.placeholders"), lines=2)
        held_out = gr.Textbox(value="", label=texts("train.held_out"), max_lines=1)
        with gr.Row():
            learn = gr.Checkbox(value=True, label=texts("train.reviews"))
            then_promote = gr.Checkbox(value=False, label=texts("train.promote"))
        start = gr.Button(texts("train.start"), elem_id="start-training")

    @user_errors
    def show(request: gr.Request) -> tuple[str, Any, Any]:
        person = access.require(request, Role.VIEWER, texts)
        ids = [row.id for row in list_versions(context.database)]
        active = next((row.id for row in list_versions(context.database) if row.active), None)
        other = next((each for each in ids if each != active), active)
        return (
            _versions(context, person, texts),
            gr.Dropdown(choices=ids, value=active),
            gr.Dropdown(choices=ids, value=other),
        )

    @user_errors
    def show_shadow(request: gr.Request) -> str:
        access.require(request, Role.VIEWER, texts)
        return render(
            "shadow.html",
            texts,
            report=shadow_report(context.database),
            dry_run=last_dry_rescoring(context.database),
        )

    @user_errors
    def act(event: gr.EventData, forced: bool | None, request: gr.Request) -> tuple[str, str]:
        access.require(request, Role.VIEWER, texts)
        data = payload(event)
        if data.get("act") == "show":
            return "", _details(context, str(data.get("id")), texts)
        access.require(request, Role.ENGINEER, texts)
        return _ask(context, data, bool(forced), texts), ""

    @user_errors
    def switch(
        event: gr.EventData, reason: str | None, request: gr.Request
    ) -> tuple[str, str, str]:
        person = access.require(request, Role.ENGINEER, texts)
        said = _switch(person, payload(event), (reason or "").strip(), texts)
        return said, "", _versions(context, person, texts)

    @user_errors
    def compare_two(before: str, after: str, request: gr.Request) -> str:
        access.require(request, Role.VIEWER, texts)
        first = open_registered(get_version(context.database, before), context.settings)
        second = open_registered(get_version(context.database, after), context.settings)
        source, found = compare_versions(
            first, second, context.database, context.settings, context.decoders
        )
        return render(
            "compared.html",
            texts,
            before=before,
            after=after,
            source=source,
            found=found and found.as_dict(),
        )

    @user_errors
    def show_trainings(request: gr.Request) -> str:
        person = access.require(request, Role.VIEWER, texts)
        return _trainings(context, person, texts)

    @user_errors
    def look_at_trainings(request: gr.Request) -> str:
        person = access.require(request, Role.VIEWER, texts, by_timer=True)
        return _trainings(context, person, texts)

    @user_errors
    def steer_training(event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        person = access.require(request, Role.ENGINEER, texts)
        data = payload(event)
        said = steer(context, str(data.get("act")), number(data.get("id")), texts)
        return _message(said, texts), _trainings(context, person, texts)

    @user_errors
    def train(
        real: str | None,
        placeholders: str | None,
        held_out: str | None,
        learn: bool | None,
        then_promote: bool | None,
        request: gr.Request,
    ) -> tuple[str, str]:
        person = access.require(request, Role.ENGINEER, texts)
        wanted = {
            "real": _lines(real),
            "placeholders": _lines(placeholders),
            "held_out": (held_out or "").strip() or None,
            "reviews": learn is not False,
            "promote": bool(then_promote),
        }
        parameters = confine(RetrainParameters.of(wanted), context.settings)
        run_id = request_retraining(context.database, context.app, parameters, person.name)
        return (
            _message(texts("train.started", id=run_id), texts),
            _trainings(context, person, texts),
        )

    busy: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
    pages.load(show, None, [shown, first, second], **QUIET)
    pages.load(show_shadow, None, shadowed, **QUIET)
    shown.click(
        act, [force], [asked, details], concurrency_limit=2, show_progress_on=[details], **busy
    )
    asked.click(
        switch,
        [reason],
        [message, asked, shown],
        concurrency_limit=2,
        show_progress_on=[asked],
        **busy,
    )
    compare.click(compare_two, [first, second], compared, concurrency_limit=2, **busy)
    pages.load(show_trainings, None, trainings, **QUIET)
    gr.Timer(_EVERY).tick(look_at_trainings, None, trainings, **QUIET)
    wishes = [real, placeholders, held_out, learn, then_promote]
    start.click(train, wishes, [message, trainings], **QUIET)
    trainings.click(steer_training, None, [message, trainings], **QUIET)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _ask(context: ConsoleContext, data: dict[str, Any], forced: bool, texts: Translations) -> str:
    """The question before another version judges."""
    act = str(data.get("act"))
    with context.database.reading() as session:
        active = model_versions.active(session)
        wanted = promotions.previous(session) if act == "roll-back" else str(data.get("id"))
    return render(
        "switch_ask.html",
        texts,
        act="roll-back" if act == "roll-back" else "promote",
        wanted=wanted,
        active=active and active.id,
        forced=forced and act == "promote",
    )


def _switch(person: Person, data: dict[str, Any], reason: str, texts: Translations) -> str:
    """Do what was confirmed, and tell what the gate found."""
    if data.get("act") == "roll-back":
        asked = PromotionRequest(None, person.name, reason)
    elif data.get("act") == "promote":
        asked = PromotionRequest(
            str(data.get("id")), person.name, reason, data.get("forced") == "yes"
        )
    else:
        return ""
    return render("switched.html", texts, done=promote_in_subprocess(asked))


def _versions(context: ConsoleContext, person: Person, texts: Translations) -> str:
    with context.database.reading() as session:
        changes = promotions.history(session)[:_CHANGES]
    return render(
        "models.html",
        texts,
        rows=list_versions(context.database),
        changes=changes,
        may_act=person.may(Role.ENGINEER),
    )


def _details(context: ConsoleContext, version_id: str, texts: Translations) -> str:
    row = get_version(context.database, version_id)
    version = open_registered(row, context.settings)
    with context.database.reading() as session:
        mistakes = worst_mistakes(session, row)
        held_out = read_mistakes(session, version)
    card = version.folder / "card.md"
    return render(
        "version.html",
        texts,
        row=row,
        charts=[*training_curves(kept_curve(version), texts), *held_out_charts(version, texts)],
        mistakes=mistakes,
        held_out=held_out,
        card=card.read_text(encoding="utf-8") if card.is_file() else "",
    )


def _trainings(context: ConsoleContext, person: Person, texts: Translations) -> str:
    with context.database.reading() as session:
        found = [
            described(run, texts) for run in runs.list_runs(session, RunKind.RETRAIN, limit=_RUNS)
        ]
    curve = (found[0]["row"].progress or {}).get("curve") if found else None
    return render(
        "trainings.html",
        texts,
        runs=found,
        charts=training_curves(curve, texts) if isinstance(curve, list) else [],
        may_act=person.may(Role.ENGINEER),
    )


def _message(said: str, texts: Translations) -> str:
    return render("message.html", texts, message=said)
