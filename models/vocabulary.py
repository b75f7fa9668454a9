"""Words that vision and records share; neither half owns them."""

from enum import StrEnum


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
