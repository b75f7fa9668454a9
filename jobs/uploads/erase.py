"""Erasing uploads for good, with all that is kept of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from nophoto.models.records import erasing
from nophoto.models.records.database import Database
from nophoto.models.records.retrying import write
from nophoto.models.records.tables import Upload
from nophoto.worker.maintenance.erasures import complete_erasures
from nophoto.worker.settings import Settings

_AT_ONCE = 1_000
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of the keys that were to be erased.

    Attributes:
        erased: of uploads that are gone now.
        unknown: keys that no upload has.
        kept: digests of pictures that the reference set or the allow-list holds as well, where
            they stay.
    """

    erased: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def erase(
    database: Database,
    settings: Settings,
    keys: Sequence[str],
    *,
    by: str,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Erasure:
    """Erase uploads: their rows, scores, reviews, notices, embeddings, copies.

    The audit keeps how many were erased, when and by whom, and none of their keys. A picture that
    another upload shows as well keeps its embedding. What this process cannot finish, because it
    was killed or the files are another host's, a worker's next sweep does.

    Args:
        database: migrated.
        settings: whose home may hold copies.
        keys: of uploads.
        by: who erases them.
        on_progress: called with how many keys were dealt with.

    Raises:
        DatabaseUnreachableError: if the database does not answer; each thousand keys are erased
            all or none.
    """
    result = Erasure()
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        condition = Upload.key.in_(some)
        # Asked for here: where a commit's answer is lost, the second try finds nothing.
        with database.reading() as session:
            known = set(session.scalars(select(Upload.key).where(condition)))
        done = write(database, partial(_erase, condition, by), _TIMEOUT)
        result.erased.extend(key for key in some if key in known)
        result.unknown.extend(key for key in some if key not in known)
        result.kept.extend(done.kept)
        on_progress(start + len(some))
    if result.erased:
        complete_erasures(database, settings)
    return result


def _erase(condition: ColumnElement[bool], by: str, session: Session) -> erasing.Erased:
    return erasing.erase(session, condition, by=by, limit=_AT_ONCE)
