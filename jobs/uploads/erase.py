"""Erasing uploads for good, with all that is kept of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle import erased_keys, erasing
from nophoto.models.records.retrying import write
from nophoto.models.records.tables import Upload
from nophoto.models.records.text import storable
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
    another upload shows as well keeps its embedding. For NOPHOTO_ERASED_DAYS a Celery message with
    one of the keys, known or not, is refused: it may have been sent before. What this process
    cannot finish, because it was killed or the files are another host's, a worker's next sweep
    does.

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
        # Asked for here: where a commit's answer is lost, the second try finds nothing.
        with database.reading() as session:
            known = set(session.scalars(select(Upload.key).where(Upload.key.in_(some))))
        work = partial(_erase, some, by, is_noted=settings.erased_days > 0)
        done = write(database, work, _TIMEOUT)
        result.erased.extend(key for key in some if key in known)
        result.unknown.extend(key for key in some if key not in known)
        result.kept.extend(done.kept)
        on_progress(start + len(some))
    if result.erased:
        complete_erasures(database, settings)
    return result


def _erase(keys: Sequence[str], by: str, session: Session, *, is_noted: bool) -> erasing.Erased:
    done = erasing.erase(session, Upload.key.in_(keys), by=by, limit=_AT_ONCE)
    if is_noted:
        erased_keys.note(session, [key for key in keys if storable(key) == key])
    return done
