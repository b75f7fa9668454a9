"""Whether an upload that was sent can be taken in, and why not."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nophoto.models.vocabulary import RefusalCode

MAX_KEY = 512
"""Characters of a key, at most."""

MAX_URI = 4096
"""Characters of a URI, at most: the longest path of Linux."""

MAX_VERSION = 2**63 - 1
"""Highest version of an upload: the largest integer of the databases."""

MAX_METADATA = 4096
"""Bytes of an upload's metadata as JSON, at most."""

CREDENTIALS = re.compile(
    r"://[^/?#]*:[^/?#]*@|[?&](?:x-amz-(?:signature|credential|security-token)|x-goog-signature|"
    r"signature|awsaccesskeyid|sig)=",
    re.IGNORECASE,
)
"""A password, or the signature that lets anybody with the URI read what it names."""


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A picture to judge: the platform's key for it, and where its bytes are.

    Attributes:
        version: the platform's number of the picture under this key. A higher one is judged
            again, a lower one is refused.
        metadata: the platform's own, given back with every outcome.
        collection: by whose settings it is judged; None: the one that a known key has, else
            `default`.
    """

    key: str
    uri: str
    version: int | None = None
    metadata: Mapping[str, Any] | None = field(default=None, hash=False)
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an upload is not taken in: a code for programs, a sentence for people."""

    code: RefusalCode
    reason: str


def objection_to(item: NewUpload) -> Objection | None:
    """What keeps an upload from being stored, whatever the database holds; None if nothing."""
    found = _to_text("key", RefusalCode.KEY, item.key, MAX_KEY) or _to_text(
        "URI", RefusalCode.URI, item.uri, MAX_URI
    )
    if found or (item.version is None and item.metadata is None and item.collection is None):
        return found
    return (
        _to_version(item.version) or _to_metadata(item.metadata) or _to_collection(item.collection)
    )


def shown_key(key: str) -> str:
    """A refused key as logs and notices may show it, without what is secret in it."""
    return CREDENTIALS.split(key)[0]


def _to_text(name: str, code: RefusalCode, text: str, longest: int) -> Objection | None:
    if not text:
        return Objection(code, f"the {name} is empty")
    if len(text) > longest:
        return Objection(
            code, f"the {name} has {len(text)} characters; at most {longest} are taken"
        )
    if "\0" in text:
        return Objection(code, f"the {name} holds a NUL character")
    try:
        # Python reads file names that are not UTF-8 into surrogates, which no database stores.
        text.encode()
    except UnicodeEncodeError:
        return Objection(code, f"the {name} is not valid Unicode")
    if "://" in text and CREDENTIALS.search(text):
        return Objection(
            RefusalCode.CREDENTIALS,
            f"the {name} holds a password or a signature, which would be stored with it; give "
            "the workers access to the storage, and send the plain URI",
        )
    return None


def _to_version(version: object) -> Objection | None:
    if version is None or (type(version) is int and 0 <= version <= MAX_VERSION):
        return None
    return Objection(
        RefusalCode.VERSION,
        f"the version is {version!r:.100}; it takes a whole number from 0 to {MAX_VERSION}",
    )


def _to_metadata(metadata: object) -> Objection | None:
    if metadata is None:
        return None
    if not isinstance(metadata, Mapping):
        return Objection(RefusalCode.METADATA, "the metadata is not a JSON object")
    try:
        text = json.dumps(metadata, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError):
        # Lone surrogates too: their error is a ValueError.
        return Objection(RefusalCode.METADATA, "the metadata is not valid JSON")
    if "\\u0000" in text:
        return Objection(RefusalCode.METADATA, "the metadata holds a NUL character")
    if size > MAX_METADATA:
        return Objection(
            RefusalCode.METADATA,
            f"the metadata has {size} bytes as JSON; at most {MAX_METADATA} are taken",
        )
    return None


def _to_collection(name: object) -> Objection | None:
    if name is None or (isinstance(name, str) and name):
        return None
    return Objection(RefusalCode.UNKNOWN_COLLECTION, "the collection is not a name")
