"""Taking uploads in."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the uploads of one call.

    Attributes:
        ids: row ids of those that are new.
        known: how many were there already with the same URI; nothing about them changed.
        refused: the others.
    """

    ids: list[int]
    known: int
    refused: list[Refused]


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
    refused: list[Refused] = []
    uris: dict[str, str] = {}
    times: Counter[str] = Counter()
    for item in items:
        reason = _reason_to_refuse(item)
        if reason is None and uris.setdefault(item.key, item.uri) != item.uri:
            reason = f"the same key came with another URI, {uris[item.key]}"
        if reason is None:
            times[item.key] += 1
        else:
            # A key is often the URI, and ends in a log.
            refused.append(Refused(_CREDENTIALS.split(item.key)[0], reason))

    new = _insert_unknown(session, uris, lane, rung=rung)
    for key, stored_uri in _stored_uris(session, [key for key in uris if key not in new]):
        if stored_uri != uris[key]:
            reason = f"the key is known with another URI, {stored_uri}; use a new key"
            refused.extend([Refused(key, reason)] * times.pop(key))
    return Added(ids=sorted(new.values()), known=times.total() - len(new), refused=refused)


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
