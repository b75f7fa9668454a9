"""What the buttons of the review page do: decide, skip, take back."""

from dataclasses import dataclass
from typing import Any

from nophoto.console.auth.permissions import Person
from nophoto.console.components.action_html import number
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Texts
from nophoto.jobs.curation.reviews import decide, undo_last, undo_together
from nophoto.models.records.reviews import Decision
from nophoto.models.vocabulary import Verdict

_MOST_SKIPPED = 500
"""Skipped items that are kept out of the way; the queue begins anew after them."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Digests of what one visitor wants to see later."""

    digests: frozenset[str] = frozenset()

    def with_(self, digests: list[str]) -> "Skipped":
        """These and more, or none once they are too many."""
        more = self.digests | set(digests)
        return Skipped(more) if len(more) <= _MOST_SKIPPED else Skipped()


def act_on(
    context: ConsoleContext, person: Person, data: dict[str, Any], skipped: Skipped, texts: Texts
) -> tuple[str, Skipped]:
    """Do what a button says; what came of it in words, and what is skipped from now on.

    Raises:
        UnknownUploadError: if an upload that it names is not there.
    """
    match data.get("act"):
        case "skip":
            return "", skipped.with_(_words(data.get("digests")))
        case "again":
            return "", Skipped()
        case "decide":
            numbers = [number(word) for word in _words(data.get("ids"))]
            ids = [each for each in numbers if each is not None]
            word = Verdict(data.get("verdict", ""))
            decision = decide(context.database, ids, word, person.name)
            return _told_of(decision, word, texts), skipped
        case "undo":
            undone = undo_last(context.database, person.name)
            return texts("review.undone" if undone else "review.nothing", n=len(undone)), skipped
        case "take-back":
            review_id = number(data.get("id"))
            undone = undo_together(context.database, review_id, person.name) if review_id else []
            return texts("review.undone" if undone else "review.nothing", n=len(undone)), skipped
    return "", skipped


def _words(value: object) -> list[str]:
    return str(value or "").split()


def _told_of(decision: Decision, word: Verdict, texts: Texts) -> str:
    sentences = []
    if decision.made:
        made = texts("review.decided", n=len(decision.made), verdict=texts(f"verdict.{word}"))
        sentences.append(made)
    for reviewer in sorted({decided.reviewer for decided in decision.already}):
        theirs = [each for each in decision.already if each.reviewer == reviewer]
        said = texts(f"verdict.{theirs[0].verdict}")
        sentences.append(texts("review.already", name=reviewer, n=len(theirs), verdict=said))
    return " ".join(sentences)
