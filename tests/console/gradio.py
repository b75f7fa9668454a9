"""Sends a page's events the way the page does, for tests that need no browser."""

import json
from typing import Any
from uuid import uuid4

import httpx


class Tab:
    """A page of a visitor, opened without a browser.

    Args:
        visitor: who is logged in.
    """

    def __init__(self, visitor: httpx.Client) -> None:
        self._visitor = visitor
        self._hash = uuid4().hex
        config = visitor.get("/en/config").raise_for_status().json()
        self._names = {part["id"]: part["props"].get("elem_id") for part in config["components"]}
        self._values = {part["id"]: part["props"].get("value") for part in config["components"]}
        self._kinds = {part["id"]: part["type"] for part in config["components"]}
        self._events = config["dependencies"]

    def events(self) -> list[tuple[str, str, int]]:
        """Each event: the kind of what triggers it, its name, and its number."""
        return [
            (self._kinds.get(part, "page"), name, event["id"])
            for event in self._events
            for part, name in event["targets"]
        ]

    def numbers(self, elem_id: str, event: str = "click") -> list[int]:
        """The numbers of an event of a part; two pages may each have a part of the name."""
        return [
            each["id"]
            for each in self._events
            if any(
                name == event and self._names.get(part) == elem_id for part, name in each["targets"]
            )
        ]

    def shown_in(self, elem_id: str) -> list[int]:
        """The numbers of the events that write into a part when the page is opened."""
        return [
            each["id"]
            for each in self._events
            if any(name == "load" for _, name in each["targets"])
            and any(self._names.get(part) == elem_id for part in each["outputs"])
        ]

    def upload(self, name: str, data: bytes) -> dict[str, object]:
        """Send a file, and return what a page holds of it."""
        answer = self._visitor.post("/en/gradio_api/upload", files={"files": (name, data)})
        (path,) = answer.raise_for_status().json()
        return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def fire(self, number: int, event_data: object = None, data: list[Any] | None = None) -> Any:
        """Have an event happen, and return the last message about it.

        Args:
            number: of the event.
            event_data: what a button sends.
            data: what the page's inputs hold; their first values if not given.
        """
        event = next(event for event in self._events if event["id"] == number)
        body = {
            "data": [self._values[part] for part in event["inputs"]] if data is None else data,
            "event_data": event_data,
            "fn_index": number,
            "trigger_id": event["targets"][0][0],
            "session_hash": self._hash,
        }
        joined = self._visitor.post("/en/gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            return {"msg": "refused", "status": joined.status_code}
        wanted = joined.json()["event_id"]
        query = {"session_hash": self._hash}
        with self._visitor.stream("GET", "/en/gradio_api/queue/data", params=query) as lines:
            for line in lines.iter_lines():
                said = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if said.get("event_id") == wanted and said.get("msg") == "process_completed":
                    return said
        return {"msg": "closed"}
