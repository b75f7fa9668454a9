"""A place that notices are sent to."""

from dataclasses import dataclass
from typing import Protocol

from nophoto.models.records.notifications.notices import DueNotice


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """Why a notice was not taken.

    Attributes:
        reason: for people.
        is_away: whether the next one would fare no better.
        is_gone: whether the receiver said that none will ever be taken here again.
        retry_after: seconds for which the receiver asked to be left alone.
    """

    reason: str
    is_away: bool = True
    is_gone: bool = False
    retry_after: float = 0.0


class DeliveryChannel(Protocol):
    """Sends notices one by one, some of them at the same time."""

    channel: str
    at_once: int
    """How many may be on their way at the same time."""
    lease_seconds: float
    """Longer than any sending takes."""

    async def open(self) -> None:
        """Get ready; called once, in the event loop that sends."""

    async def send(self, notice: DueNotice) -> DeliveryFailure | None:
        """Send a notice, and return why it was not taken; None if it was."""

    async def close(self) -> None:
        """Let go of connections."""
