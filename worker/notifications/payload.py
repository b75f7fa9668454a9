"""What the platform reads of a notice, the same by webhook and by task."""

import json
from typing import Any

from nophoto.models.records.notifications.notices import DueNotice


def message_id(notice: DueNotice) -> str:
    """By which a receiver knows a notice that comes a second time."""
    return f"msg_{notice.message_id.hex}"


def message(notice: DueNotice) -> dict[str, Any]:
    """The notice as JSON; of two about one key, the one with the higher `sequence` is the newer."""
    event = notice.event
    return {
        "type": event["type"],
        "timestamp": event["timestamp"],
        "sequence": notice.id,
        "data": event["data"],
    }


def body(notice: DueNotice) -> bytes:
    """The message as a webhook carries it, byte for byte the same at every attempt."""
    return json.dumps(message(notice), sort_keys=True, separators=(",", ":")).encode()
