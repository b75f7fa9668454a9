"""What becomes of uploads that are sent, by what stands under their keys; it stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from nophoto.models.records.lifecycle.admission import NewUpload, Objection, shown_key
from nophoto.models.records.lifecycle.refusals import Refused
from nophoto.models.records.tables.collections import DEFAULT
from nophoto.models.vocabulary import RefusalCode


class Intake(StrEnum):
    """What became of one upload that was sent."""

    NEW = "new"
    KNOWN = "known"
    REPLACED = "replaced"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one upload that was sent; `reason` and `code` say why it was refused."""

    key: str
    outcome: Intake
    reason: str | None = None
    code: RefusalCode | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the uploads of one call.

    Attributes:
        ids: row ids of those that are to be judged: new ones, and replaced ones.
        outcomes: of each upload, in the order in which they were sent.
    """

    ids: list[int]
    outcomes: list[ItemOutcome]

    @property
    def new(self) -> int:
        """How many keys were not known."""
        return self._count(Intake.NEW)

    @property
    def known(self) -> int:
        """How many were there already with the same picture; nothing about them changed."""
        return self._count(Intake.KNOWN)

    @property
    def replaced(self) -> int:
        """How many took the place of another picture under a known key."""
        return self._count(Intake.REPLACED)

    @property
    def refused(self) -> list[Refused]:
        """Those that were not taken in."""
        return [
            Refused(each.key, each.reason or "", each.code or RefusalCode.MALFORMED)
            for each in self.outcomes
            if each.outcome == Intake.REFUSED
        ]

    def _count(self, outcome: Intake) -> int:
        return sum(each.outcome == outcome for each in self.outcomes)


class Standing(NamedTuple):
    """What stands under a key: in the database, or by the items before in the same call."""

    uri: str
    version: int | None
    collection: str
    id: int = 0
    """Of the row; 0 where there is none yet."""


class Fold(NamedTuple):
    """What items under one key come to, one after the other.

    Attributes:
        outcomes: by place.
        standing: what stands afterwards.
        item: whose picture is to be stored; None where the known one stays.
    """

    outcomes: dict[int, ItemOutcome]
    standing: Standing
    item: NewUpload | None


def fold_items(known: Standing | None, places: list[int], items: Sequence[NewUpload]) -> Fold:
    """What becomes of the items at `places`, which have one key, where `known` stands under it."""
    outcomes: dict[int, ItemOutcome] = {}
    stands, chosen = known, None
    for place in places:
        item = items[place]
        outcomes[place], stands = _meet(stands, item)
        if outcomes[place].outcome in (Intake.NEW, Intake.REPLACED):
            before = chosen.metadata if chosen else None
            chosen = replace(
                item,
                version=stands.version,
                metadata=before if item.metadata is None else item.metadata,
                collection=stands.collection,
            )
    assert stands is not None  # noqa: S101 -- there is an item at least
    return Fold(outcomes, stands, chosen)


def _meet(standing: Standing | None, item: NewUpload) -> tuple[ItemOutcome, Standing]:
    """What becomes of an item where this stands under its key, and what stands then."""
    if standing is None:
        collection = item.collection or DEFAULT
        return ItemOutcome(item.key, Intake.NEW), Standing(item.uri, item.version, collection)
    before, version = standing.version, item.version
    if before is not None and version is not None and version < before:
        return refused_outcome(
            item.key,
            Objection(
                RefusalCode.OLDER_VERSION,
                f"version {version} is older than version {before}, which is known",
            ),
        ), standing
    is_higher = version is not None and (before is None or version > before)
    collection = item.collection or standing.collection
    if item.uri == standing.uri and collection == standing.collection and not is_higher:
        return ItemOutcome(item.key, Intake.KNOWN), standing
    now = before if version is None else version
    stands = Standing(item.uri, now, collection, standing.id)
    return ItemOutcome(item.key, Intake.REPLACED), stands


def refused_outcome(key: str, objection: Objection) -> ItemOutcome:
    """The outcome of an upload that cannot be taken in."""
    # A key is often the URI, and ends in a log.
    return ItemOutcome(shown_key(key), Intake.REFUSED, objection.reason, objection.code)
