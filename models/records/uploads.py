"""Taking uploads in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows
from nophoto.models.records.chunks import chunks
from nophoto.models.records.tables import Lane, Upload

MAX_KEY = 512
"""Characters of a key, at most."""

_CREDENTIALS = re.compile(
    r"://[^/?#]*:[^/?#]*@|[?&](?:x-amz-(?:signature|credential|security-token)|x-goog-signature|"
    r"signature|awsaccesskeyid|sig)=",
    re.IGNORECASE,
)
"""A password, or the signature that lets whoever has the URI read what it names."""

MAX_URI = 4096
"""Characters of a URI, at most: the longest path of Linux."""


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A picture to judge: the platform's key for it, and where its bytes are."""

    key: str
    uri: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An upload that was not taken in, and why."""

    key: str
    reason: str


class Intake(StrEnum):
    """What became of one upload that was sent."""

    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one upload that was sent; `reason` says why it was refused."""

    key: str
    outcome: Intake
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the uploads of one call.

    Attributes:
        ids: row ids of those that are new.
        outcomes: of each upload, in the order in which they were sent.
    """

    ids: list[int]
    outcomes: list[ItemOutcome]

    @property
    def known(self) -> int:
        """How many were there already with the same URI; nothing about them changed."""
        return sum(each.outcome == Intake.KNOWN for each in self.outcomes)

    @property
    def refused(self) -> list[Refused]:
        """Those that were not taken in."""
        return [
            Refused(each.key, each.reason or "")
            for each in self.outcomes
            if each.outcome == Intake.REFUSED
        ]


def add_uploads(
    session: Session, items: Sequence[NewUpload], lane: Lane, *, rung: bool = False
) -> Added:
    """Queue `items`; a key that is there already is left as it is.

    Ring the doorbell for the ids only once the transaction has committed.

    Args:
        session: in a transaction.
        items: what is to be judged.
        lane: which queue they wait in.
        rung: whether they are marked as rung for, which spares writing each row twice; if nobody
            is told of them after all, `sweep.mark_unrung` them.
    """
    uris: dict[str, str] = {}
    reasons: dict[int, str] = {}
    for place, item in enumerate(items):
        reason = _reason_to_refuse(item)
        if reason is None and uris.setdefault(item.key, item.uri) != item.uri:
            reason = f"the same key came with another URI, {uris[item.key]}"
        if reason is not None:
            reasons[place] = reason

    new = _insert_unknown(session, uris, lane, rung=rung)
    stored = dict(_stored_uris(session, [key for key in uris if key not in new]))
    outcomes: list[ItemOutcome] = []
    first = set(new)
    for place, item in enumerate(items):
        other = stored.get(item.key, item.uri)
        reason = reasons.get(place)
        if reason is None and other != item.uri:
            reason = f"the key is known with another URI, {other}; use a new key"
        if reason is not None:
            # A key is often the URI, and ends in a log.
            key = _CREDENTIALS.split(item.key)[0]
            outcomes.append(ItemOutcome(key, Intake.REFUSED, reason))
        elif item.key in first:
            first.discard(item.key)
            outcomes.append(ItemOutcome(item.key, Intake.NEW))
        else:
            outcomes.append(ItemOutcome(item.key, Intake.KNOWN))
    return Added(sorted(new.values()), outcomes)


def _reason_to_refuse(item: NewUpload) -> str | None:
    for name, text, longest in (("key", item.key, MAX_KEY), ("URI", item.uri, MAX_URI)):
        if not text:
            return f"the {name} is empty"
        if len(text) > longest:
            return f"the {name} has {len(text)} characters; at most {longest} are taken"
        if "\0" in text:
            return f"the {name} holds a NUL character"
        try:
            # Python reads file names that are not UTF-8 into surrogates, which no database stores.
            text.encode()
        except UnicodeEncodeError:
            return f"the {name} is not valid Unicode"
        if "://" in text and _CREDENTIALS.search(text):
            return (
                f"the {name} holds a password or a signature, which would be stored with it; give "
                "the workers access to the storage, and send the plain URI"
            )
    return None


def _insert_unknown(
    session: Session, uris: dict[str, str], lane: Lane, *, rung: bool
) -> dict[str, int]:
    if not uris:
        return {}
    now = clock.now(session)
    # In one order, so that two callers with the same keys wait for each other and never in a ring.
    rows = [{"key": key, "uri": uris[key]} for key in sorted(uris)]
    shared = {"lane": lane, "created_at": now, "updated_at": now, "rung_at": now if rung else None}
    return {row.key: row.id for row in insert_rows(session, Upload, rows, shared, ("key", "id"))}


def _stored_uris(session: Session, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    for some in chunks(keys):
        query = select(Upload.key, Upload.uri).where(Upload.key.in_(some))
        yield from session.execute(query)
