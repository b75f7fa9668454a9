"""What the buttons of the review page do: decide, skip, take back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nophoto.console.auth.permissions import Person
from nophoto.console.components.action_html import number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.jobs.curation.appeals import decide_appeal
from nophoto.jobs.curation.reviews import (
    GroupDecision,
    decide_group,
    undo_last,
    undo_together,
)
from nophoto.jobs.curation.spot_checks import answer_spot_check
from nophoto.models.errors import NophotoError
from nophoto.models.records.review.group_reviews import PictureGroup
from nophoto.models.vocabulary import Verdict

_MOST_SKIPPED = 500
"""Skipped items that are kept out of the way; the queue begins again after them."""

_GROUPS = TypeAdapter(PictureGroup)


def group_token(group: PictureGroup) -> str:
    """A group as a text that a page holds and sends back; its length is that of the digests."""
    return _GROUPS.dump_json(group).decode()


@dataclass(frozen=True, slots=True)
class Skipped:
    """What one visitor wants to see later, and how far they are.

    Attributes:
        digests: of what they skipped.
        turn: how many items they have seen.
        code: why they are about to decide as they will.
    """

    digests: frozenset[str] = frozenset()
    turn: int = 0
    code: str | None = None

    def with_(self, digests: Iterable[str]) -> "Skipped":
        """These and more, or none once they are too many."""
        more = self.digests | set(digests)
        kept = more if len(more) <= _MOST_SKIPPED else frozenset[str]()
        return Skipped(kept, self.turn + 1)

    @property
    def further(self) -> "Skipped":
        """The same, one item later."""
        return Skipped(self.digests, self.turn + 1)


def act_on(
    context: ConsoleContext,
    person: Person,
    data: dict[str, Any],
    skipped: Skipped,
    texts: Translations,
) -> tuple[str, Skipped]:
    """Do what a button says; what came of it in words, and what is skipped from now on.

    Raises:
        NophotoError: if the page sent something else than a group.
    """
    match data.get("act"):
        case "skip":
            checked = str(data.get("digests") or "").split()
            return "", skipped.with_(checked or _group(data, texts).digests)
        case "again":
            return "", Skipped(turn=skipped.turn)
        case "code":
            code = str(data.get("code"))
            known = code in context.settings.review_codes and code != skipped.code
            return "", replace(skipped, code=code if known else None)
        case "appeal":
            word = Verdict(data.get("verdict", ""))
            done = decide_appeal(
                context.database,
                number(data.get("id")) or 0,
                word,
                person.name,
                code=skipped.code,
            )
            said = "review.spot_check.late" if done.was_taken else "review.spot_check.kept"
            return texts(said, verdict=texts(f"verdict.{word}")), skipped.further
        case "decide":
            word = Verdict(data.get("verdict", ""))
            group = _own(person, data, texts)
            decision = decide_group(context.database, group, word, person.name, code=skipped.code)
            return _told_of(decision, word, texts), skipped.further
        case "answer":
            word = Verdict(data.get("verdict", ""))
            answered = answer_spot_check(
                context.database, number(data.get("id")) or 0, person.name, word
            )
            said = "review.spot_check.late" if answered.was_taken else "review.spot_check.kept"
            return texts(said, verdict=texts(f"verdict.{word}")), skipped.further
        case "undo":
            undone = undo_last(context.database, person.name)
            return texts("review.undone" if undone else "review.nothing", n=undone), skipped
        case "take-back":
            review_id = number(data.get("id"))
            undone = 0
            if review_id:
                undone = undo_together(
                    context.database, review_id, person.name, collection=person.collection
                )
            return texts("review.undone" if undone else "review.nothing", n=undone), skipped
    return "", skipped


def _own(person: Person, data: dict[str, Any], texts: Translations) -> PictureGroup:
    """The group that the page sent, within the collection of somebody who sees no other."""
    group = _group(data, texts)
    if person.collection is None:
        return group
    return replace(group, filters=replace(group.filters, collection=person.collection))


def _group(data: dict[str, Any], texts: Translations) -> PictureGroup:
    try:
        return _GROUPS.validate_json(str(data.get("group")))
    except ValidationError as error:
        raise NophotoError(texts("review.gone")) from error


def _told_of(decision: GroupDecision, word: Verdict, texts: Translations) -> str:
    sentences = []
    if decision.made:
        made = texts("review.decided", n=decision.made, verdict=texts(f"verdict.{word}"))
        sentences.append(made)
    for other in decision.others:
        theirs = texts(f"verdict.{other.verdict}")
        sentences.append(
            texts("review.already", name=other.reviewer, n=other.count, verdict=theirs)
        )
    return " ".join(sentences)
