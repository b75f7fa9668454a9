"""What the buttons of the review page do: decide, skip, take back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nophoto.console.auth.permissions import Person
from nophoto.console.components.action_html import number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.jobs.curation.reviews import (
    GroupDecision,
    decide_group,
    undo_last,
    undo_together,
)
from nophoto.models.errors import NophotoError
from nophoto.models.records.group_reviews import PictureGroup
from nophoto.models.vocabulary import Verdict

_MOST_SKIPPED = 500
"""Skipped items that are kept out of the way; the queue begins again after them."""

_GROUPS = TypeAdapter(PictureGroup)


def group_token(group: PictureGroup) -> str:
    """A group as a text that a page holds and sends back; its length is that of the digests."""
    return _GROUPS.dump_json(group).decode()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Digests of what one visitor wants to see later."""

    digests: frozenset[str] = frozenset()

    def with_(self, digests: Iterable[str]) -> "Skipped":
        """These and more, or none once they are too many."""
        more = self.digests | set(digests)
        return Skipped(more) if len(more) <= _MOST_SKIPPED else Skipped()


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
            return "", skipped.with_(_group(data, texts).digests)
        case "again":
            return "", Skipped()
        case "decide":
            word = Verdict(data.get("verdict", ""))
            decision = decide_group(context.database, _own(person, data, texts), word, person.name)
            return _told_of(decision, word, texts), skipped
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
