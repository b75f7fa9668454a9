"""Words that vision and records share; neither half owns them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Verdict(StrEnum):
    """What the network (or a moderator, whose word wins) says of a picture."""

    PLACEHOLDER = "placeholder"
    REAL = "real"


class FailureCode(StrEnum):
    """Why an upload could not be judged."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too-large"
    FORBIDDEN = "forbidden"
    TIMEOUT = "timeout"
    CRASHED = "crashed"


class RefusalCode(StrEnum):
    """Why an upload that was sent was not taken in."""

    MALFORMED = "malformed"
    KEY = "key"
    URI = "uri"
    CREDENTIALS = "credentials"
    VERSION = "version"
    OLDER_VERSION = "older-version"
    METADATA = "metadata"
    UNKNOWN_COLLECTION = "unknown-collection"
    ERASED = "erased"


class Kind(StrEnum):
    """What sort of picture a reference is; a verdict has the kind of its nearest reference."""

    NOTICE = "notice"
    PERSON = "person"
    INITIALS = "initials"
    IDENTICON = "identicon"
    CARTOON = "cartoon"
    PICTURE_ICON = "picture-icon"
    OBJECT_ICON = "object-icon"
    COVER = "cover"
    PLAIN = "plain"
    BROKEN = "broken"
    SIZE_LABEL = "size-label"
    BRAND = "brand"
    PHOTO = "photo"
    OWN = "own"


class KindMode(StrEnum):
    """What the references of a kind claim.

    With `on` all that is of their kind, with `copies` only changed copies of themselves, and with
    `off` nothing: an upload that is most like one of them is real.
    """

    ON = "on"
    COPIES = "copies"
    OFF = "off"


DEFAULT_KIND_MODES: Mapping[Kind, KindMode] = MappingProxyType(
    dict.fromkeys(Kind, KindMode.ON)
    | {Kind.CARTOON: KindMode.COPIES, Kind.IDENTICON: KindMode.COPIES}
)
"""Cartoons and identicons are people's own avatars as often as they are defaults."""

DEFAULT_FALSE_POSITIVE_RATE = 0.005
"""Share of real pictures that the whole reference set may claim, where the operator says nothing.
"""


class ReferenceScope(StrEnum):
    """What one reference claims: all that is of its kind, or only changed copies of itself."""

    KIND = "kind"
    COPIES = "copies"
