"""Who somebody is and what they may do, asked again for every action."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from getpass import getuser
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from nophoto.console.auth.sessions import COOKIE, Sessions
from nophoto.console.i18n.catalogue import Translations
from nophoto.models.errors import NophotoError
from nophoto.models.records.access import users
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Role
from nophoto.models.vision.pictures import PictureError

P = ParamSpec("P")
R = TypeVar("R")

_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in front of a page.

    Attributes:
        collection: whose uploads alone they may see and decide; None: those of all.
    """

    name: str
    role: Role
    collection: str | None = None

    def may(self, role: Role) -> bool:
        """Whether they may do what `role` may."""
        return _RANK[self.role] >= _RANK[role]


class Access:
    """Tells who somebody is.

    Args:
        database: which knows the users and their roles.
        sessions: of those who are logged in.
        login: whether people log in; everybody is the process's own user otherwise, which is for
            pages that only this machine reaches.
    """

    def __init__(self, database: Database, sessions: Sessions, login: bool) -> None:
        self._database = database
        self._sessions = sessions
        self.login = login

    def person(self, request: gr.Request, *, by_timer: bool = False) -> Person | None:
        """Who sent `request`; None where the user was removed meanwhile.

        Args:
            request: of an event of a page.
            by_timer: whether the page asks by itself, which is no use of the session.
        """
        if not self.login:
            return Person(_own_name(), Role.ENGINEER)
        if not by_timer:
            self._sessions.use(request.cookies.get(COOKIE))
        with self._database.reading() as session:
            row = users.find(session, str(request.username))
        return None if row is None else Person(row.name, row.role, row.collection)

    def require(
        self,
        request: gr.Request,
        role: Role,
        texts: Translations,
        *,
        by_timer: bool = False,
        in_collection: bool = False,
    ) -> Person:
        """Who sent `request`, if they may do what `role` may; `by_timer` as for `person`.

        Args:
            request: of an event of a page.
            role: that the action takes.
            texts: for the refusal.
            by_timer: as for `person`.
            in_collection: whether the action keeps to the person's collection. What concerns all
                collections is for those who see all of them.

        Raises:
            gr.Error: if they may not.
        """
        person = self.person(request, by_timer=by_timer)
        if person is not None and person.collection is not None and not in_collection:
            raise gr.Error(
                texts("access.one_collection", name=person.collection), print_exception=False
            )
        if person is None or not person.may(role):
            raise gr.Error(
                texts("access.denied", role=texts(f"role.{role}")), print_exception=False
            )
        return person


def user_errors(action: Callable[P, R]) -> Callable[P, R]:
    """`action`, whose errors that are written for the user are shown as their message alone."""

    @wraps(action)
    def tell(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return action(*args, **kwargs)
        except (NophotoError, PictureError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    return tell


def _own_name() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return "local"


def payload(event: gr.EventData) -> dict[str, Any]:
    """What the page sent with an event of its own; anything may stand in it."""
    data = event._data
    return data if isinstance(data, dict) else {}
