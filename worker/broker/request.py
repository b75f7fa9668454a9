"""How this worker takes a message: it trusts neither its acknowledgement nor its wishes."""

from typing import Any

from celery.worker.request import Request


class StrictRequest(Request):  # type: ignore[misc]
    """A request whose failed acknowledgement makes the consumer connect again.

    Celery only logs it. The transport then takes the message for one that is still worked on, and
    since this worker takes one at a time it never takes another, though it looks alive.
    The message itself may come again, which does no harm.

    A message's own time limits are passed over: a sender may not lift the worker's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # No error is one that may be passed over in silence.
        super().__init__(*args, **(kwargs | {"connection_errors": ()}))
        self.time_limits = (None, None)
