"""How the shop asks nophoto: by the HTTP API, or by Celery where the broker is at hand."""

import logging
import os
from collections.abc import Mapping
from typing import Protocol

import httpx
from celery import Celery
from kombu.exceptions import OperationalError

from examples.client.nophoto import Client, ProblemError

_log = logging.getLogger(__name__)


class AwayError(Exception):
    """nophoto cannot be asked now; the same may be asked later."""


class Door(Protocol):
    """What the shop asks of nophoto."""

    def ask(self, photos: Mapping[str, str]) -> dict[str, str]:
        """Have photos judged, paths by key; why those were refused that are not taken.

        Raises:
            AwayError: if it cannot be asked now; asking twice does no harm.
        """

    def erase(self, key: str) -> None:
        """Have all forgotten that is known of a photo.

        Raises:
            AwayError: if it cannot be asked now.
        """


class ByHttp:
    """Asks the HTTP API, which answers at once.

    Args:
        url: of the server.
        key: with the scopes `uploads:write` and `uploads:erase`.
    """

    def __init__(self, url: str, key: str) -> None:
        self._client = Client(url, key)

    def ask(self, photos: Mapping[str, str]) -> dict[str, str]:
        """Send them; the answer tells of each what became of it."""
        try:
            taken = self._client.send([{"key": key, "uri": uri} for key, uri in photos.items()])
        except (ProblemError, httpx.TransportError) as error:
            raise AwayError(str(error)) from error
        refused = (item for item in taken["items"] if item["outcome"] == "refused")
        return {item["key"]: item["reason"] or "" for item in refused}

    def erase(self, key: str) -> None:
        """Erase it; one that is unknown is erased already."""
        try:
            self._client.erase(key)
        except ProblemError as error:
            if error.kind != "not-found":
                raise AwayError(str(error)) from error
        except httpx.TransportError as error:
            raise AwayError(str(error)) from error


class ByCelery:
    """Sends messages by a task's name; refusals come as notices.

    Args:
        broker: the URL of nophoto's broker.
    """

    def __init__(self, broker: str) -> None:
        self._celery = Celery(broker=broker, set_as_current=False)

    def ask(self, photos: Mapping[str, str]) -> dict[str, str]:
        """Send a message."""
        uploads = [{"key": key, "uri": uri} for key, uri in photos.items()]
        try:
            self._celery.send_task("nophoto.score", [uploads], ignore_result=True, retry=False)
        except OperationalError as error:
            raise AwayError(str(error)) from error
        return {}

    def erase(self, key: str) -> None:
        """Leave it to people: no message erases."""
        _log.warning("run on the machine of nophoto: nophoto erase %s", key)


def door_of(environment: Mapping[str, str] = os.environ) -> Door:
    """The HTTP API where SHOP_NOPHOTO names it, else the broker SHOP_BROKER."""
    if url := environment.get("SHOP_NOPHOTO"):
        return ByHttp(url, environment.get("SHOP_KEY", ""))
    return ByCelery(environment["SHOP_BROKER"])
