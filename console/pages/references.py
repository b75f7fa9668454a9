"""References: what uploads are compared with, how often each matched and how often it was wrong."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import gradio as gr

from nophoto.console.auth.permissions import Access, Person, payload, user_errors
from nophoto.console.components.action_html import QUIET, acting_html, number
from nophoto.console.components.filters import Filters, folded_filters, from_address, remember
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pages.try_state import Tries, add_tried, kept_tries, read_dropped
from nophoto.console.rendering.templates import render
from nophoto.jobs.curation.reference_check import check_reference
from nophoto.models.errors import NophotoError
from nophoto.models.reasons import Reason, held_as_sudden
from nophoto.models.records import references, runs
from nophoto.models.records.references import ReferenceRow
from nophoto.models.records.review import review_history
from nophoto.models.records.review.review_history import Overturns
from nophoto.models.records.tables import ReferenceState, Role, RunKind, RunState
from nophoto.models.vision.pictures import PictureError

_ON_A_PAGE = 48
_CHANGES = {
    "quarantine": references.quarantine,
    "retire": references.retire,
    "restore": references.restore,
}


class Sorting(StrEnum):
    """What comes first in the gallery."""

    MATCHES = "matches"
    OVERTURNED = "overturned"
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Shown:
    """A reference, how often it was wrong, and why the last rescoring held its matches back."""

    row: ReferenceRow
    wrong: Overturns
    held: Reason | None

    def is_in(self, state: ReferenceState) -> bool:
        """Whether it is among those of a state; what a rescoring holds is in quarantine too."""
        return self.row.state == state or (
            state == ReferenceState.QUARANTINED and self.held is not None
        )

    @property
    def rate(self) -> float | None:
        """The share of what was decided that turned out real."""
        return self.wrong.overturned / self.wrong.decided if self.wrong.decided else None


def references_page(
    pages: gr.Blocks, context: ConsoleContext, access: Access, texts: Translations
) -> None:
    """Add the page's parts."""
    tries = kept_tries()
    place = gr.State(0)
    with folded_filters(texts):
        state = gr.Dropdown(
            [
                *((texts(f"references.{word}"), word.value) for word in ReferenceState),
                (texts("references.all"), ""),
            ],
            value=ReferenceState.ACTIVE.value,
            label=texts("references.state"),
            min_width=140,
        )
        sorting = gr.Dropdown(
            [(texts(f"references.by.{word}"), word.value) for word in Sorting],
            value=Sorting.MATCHES.value,
            label=texts("references.sorting"),
            min_width=140,
        )
        named = gr.Textbox(value="", label=texts("references.named"), max_lines=1, min_width=140)
    with gr.Accordion(texts("references.add"), open=False, elem_classes="for-moderators"):
        dropped = gr.File(label=texts("references.drop"), height=120, elem_id="drop")
    asked = acting_html(elem_id="asked")
    shown = acting_html(elem_id="references")

    filters: Filters = {"state": state, "order": sorting, "name": named}

    @user_errors
    def open_page(request: gr.Request) -> tuple[Any, ...]:
        person = access.require(request, Role.VIEWER, texts)
        state, sorting, named = from_address(filters, request)
        page = _gallery(context, person, texts, state, sorting, named, 0, "")
        return page, 0, state, sorting, named

    @user_errors
    def show(state: str, sorting: str, named: str, request: gr.Request) -> tuple[str, int]:
        person = access.require(request, Role.VIEWER, texts)
        return _gallery(context, person, texts, state, sorting, named, 0, ""), 0

    @user_errors
    def act(
        event: gr.EventData, place: int, state: str, sorting: str, named: str, request: gr.Request
    ) -> tuple[str, int]:
        data = payload(event)
        person = access.require(request, Role.VIEWER, texts)
        message = ""
        if data.get("act") == "page":
            place = number(data.get("place")) or 0
        else:
            access.require(request, Role.MODERATOR, texts)
            message = _move(context, person, data, texts)
        return _gallery(context, person, texts, state, sorting, named, place, message), place

    @user_errors
    def ask(file: str | None, request: gr.Request) -> tuple[str, Tries, None]:
        access.require(request, Role.MODERATOR, texts)
        ((name, data),) = read_dropped([file or ""])
        if isinstance(data, PictureError):
            raise data
        tried = context.trial.run(data)
        judge = context.trial.current()
        warnings = check_reference(context.database, tried, judge, context.settings)
        page = render("try_ask.html", texts, name=name, digest=tried.digest, warnings=warnings)
        kept = Tries()
        kept.keep(context, name, data, tried)
        return page, kept, None

    @user_errors
    def add(
        event: gr.EventData,
        kept: Tries,
        place: int,
        state: str,
        sorting: str,
        named: str,
        request: gr.Request,
    ) -> tuple[str, str]:
        person = access.require(request, Role.MODERATOR, texts)
        answer = ""
        if payload(event).get("act") == "add":
            answer = add_tried(context, person, kept, event, texts)
        return answer, _gallery(context, person, texts, state, sorting, named, place, "")

    inputs = list(filters.values())
    pages.load(open_page, None, [shown, place, *inputs], **QUIET)
    gr.on(
        [control.input for control in inputs],
        show,
        inputs,
        [shown, place],
        trigger_mode="always_last",
        js=remember(filters),
        **QUIET,
    )
    shown.click(act, [place, *inputs], [shown, place], **QUIET)
    dropped.upload(ask, [dropped], [asked, tries, dropped], api_visibility="private")
    asked.click(add, [tries, place, *inputs], [asked, shown], **QUIET)


def _move(
    context: ConsoleContext, person: Person, data: dict[str, Any], texts: Translations
) -> str:
    wanted = number(data.get("id"))
    change = _CHANGES.get(str(data.get("act")))
    if change is None or wanted is None:
        raise NophotoError(texts("references.gone"))
    with context.database.transaction() as session:
        changed = change(session, [wanted], by=person.name)
        version = references.current_version(session)
    if not changed:
        return texts("references.already")
    return texts(f"references.did.{data['act']}", id=wanted, version=version)


def _gallery(
    context: ConsoleContext,
    person: Person,
    texts: Translations,
    state: str,
    sorting: str,
    named: str,
    place: int,
    message: str,
) -> str:
    with context.database.reading() as session:
        rows = references.list_all(session)
        wrong = review_history.overturns(session)
        version = references.current_version(session)
        last = runs.list_runs(session, RunKind.RESCORE, RunState.DONE, limit=1)
    held = {one: held_as_sudden(one) for run in last for one in runs.held_back(run)}
    found = [
        Shown(
            row,
            wrong.get(row.id, Overturns(0, 0)),
            held.get(row.id) if row.state == ReferenceState.ACTIVE else None,
        )
        for row in rows
        if named.lower() in row.name.lower()
    ]
    if state:
        found = [each for each in found if each.is_in(ReferenceState(state))]
    found.sort(key=_order(Sorting(sorting)))
    place = min(place, max(0, (len(found) - 1) // _ON_A_PAGE))
    return render(
        "references.html",
        texts,
        found=found[place * _ON_A_PAGE : (place + 1) * _ON_A_PAGE],
        total=len(found),
        active=sum(row.state == ReferenceState.ACTIVE for row in rows),
        version=version,
        place=place,
        places=-(-len(found) // _ON_A_PAGE),
        message=message,
        may_change=person.may(Role.MODERATOR),
    )


def _order(sorting: Sorting) -> Any:
    return {
        Sorting.MATCHES: lambda each: (-each.row.matches, each.row.name),
        Sorting.OVERTURNED: lambda each: (-(each.rate or 0), -each.wrong.decided, each.row.name),
        Sorting.NEWEST: lambda each: -each.row.id,
        Sorting.NAME: lambda each: each.row.name,
    }[sorting]
