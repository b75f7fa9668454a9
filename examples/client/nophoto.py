"""The calls of a platform: send uploads, ask for verdicts, judge a picture, erase.

It imports nothing of nophoto: httpx alone, and the types beside it, which are made of
`/v1/openapi.json` by `generate.py`.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, cast
from urllib.parse import quote
from uuid import uuid4

import httpx

from .schema import AppealView, ScoreView, Taken, UploadIn, UploadView

_AGAIN = (429, 503)
"""Statuses with `Retry-After`: the same request is sent again."""

_LONGEST_WAIT = 60.0
"""Seconds between two tries."""


class ProblemError(Exception):
    """An error by RFC 9457; act on `kind`, the last part of its type."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail", problem.get("title", "")))
        self.kind = str(problem.get("type", "")).rpartition(":")[2]
        self.status = int(problem.get("status", 0))
        self.problem = problem


class Client:
    """A client; any thread may use it.

    Args:
        url: of the server, such as `https://nophoto.example`.
        key: as `nophoto keys add` printed it.
        tries: how often a request is sent, where the server is full or away.
    """

    def __init__(self, url: str, key: str, *, tries: int = 5) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=60)
        self._tries = tries

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def send(self, uploads: Sequence[UploadIn]) -> Taken:
        """Have at most 10,000 uploads judged; look at `items` for those that were refused."""
        return cast(Taken, self._ask("POST", "/v1/uploads", json=list(uploads), once=True))

    def get(self, key: str) -> UploadView:
        """Where an upload stands."""
        return cast(UploadView, self._ask("GET", _path(key)))

    def find(self, **filters: str | int | bool) -> Iterator[UploadView]:
        """The uploads that meet filters such as `verdict="placeholder"`, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self._ask("GET", "/v1/uploads", params={**filters, **cursor})
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def score(self, picture: bytes, **keep: str) -> ScoreView:
        """Judge the bytes of a file now; nothing is kept but with `key` and `uri`."""
        files = {"file": ("picture", picture)}
        return cast(ScoreView, self._ask("POST", "/v1/score", files=files, data=keep))

    def appeal(self, key: str, note: str, by: str = "") -> AppealView:
        """Have what stands of an upload looked at by a second moderator."""
        said = {"note": note, "by": by}
        return cast(AppealView, self._ask("POST", f"{_path(key)}/appeal", json=said))

    def rejudge(self, key: str) -> None:
        """Have an upload's file read and judged again."""
        self._ask("POST", f"{_path(key)}/rejudge", once=True)

    def erase(self, key: str) -> None:
        """Erase an upload for good."""
        self._ask("DELETE", _path(key))

    def _ask(self, method: str, path: str, *, once: bool = False, **arguments: Any) -> Any:
        # The same for every try: an answer that was lost is not worked for twice.
        headers = {"Idempotency-Key": uuid4().hex} if once else {}
        for left in reversed(range(self._tries)):
            try:
                answer = self._http.request(method, path, headers=headers, **arguments)
            except httpx.TransportError:
                if not left:
                    raise
                time.sleep(1)
                continue
            if answer.status_code not in _AGAIN or not left:
                break
            wait = float(answer.headers.get("Retry-After", "1"))
            time.sleep(min(wait, _LONGEST_WAIT))
        if answer.is_error:
            raise ProblemError(answer.json())
        return answer.json()


def _path(key: str) -> str:
    return f"/v1/uploads/{quote(key, safe='')}"
