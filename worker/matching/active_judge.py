"""The judge that follows the database: its active model version, its reference set."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic

from nophoto.models.errors import NophotoError
from nophoto.models.records import collections, references
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import ModelVersionRow
from nophoto.models.vision.versions import ModelVersion, ModelVersionError
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.network import Network, open_network, opened_beside
from nophoto.worker.matching.allow_list import load_allowed
from nophoto.worker.matching.cohorts import load_cohorts, rules_of, warn_of_rules
from nophoto.worker.matching.judge import Judge, make_judge
from nophoto.worker.matching.references import ReferenceMatrix, load_references
from nophoto.worker.settings import Settings
from nophoto.worker.versions.prefetch import VersionPrefetcher
from nophoto.worker.versions.registry import is_remote, open_registered

CHECKED_EVERY = 2.0
"""Seconds; a change has to be in effect within ten, those of the chunk in progress included."""

_GOES_ON = "%s goes on judging: %s cannot be opened"

_log = logging.getLogger(__name__)


class NoActiveModelError(NophotoError):
    """No model version judges yet."""


def load_judge(
    database: Database,
    network: Network,
    settings: Settings,
    decoders: Decoders,
    before: Judge | None = None,
    instead: CollectionRow | None = None,
) -> Judge:
    """What judges by `network` beside the references and the allow-list as they stand.

    Embeddings that the database lacks are made and stored there.

    Args:
        database: whose references.
        network: what embeds.
        settings: the rules, and how embeddings are made.
        decoders: decode the references that are not embedded yet.
        before: a judge whose reaches are taken over where nothing has changed for them.
        instead: a collection's settings in the place of those that it has.

    Raises:
        ModelVersionError: if the cohort of the network's version is damaged.
    """
    with database.reading() as session:
        current = references.active(session)
        allowed = allow_list.active(session)
        rows = collections.list_all(session)
    if instead is not None:
        rows = [*(row for row in rows if row.name != instead.name), instead]
    cohorts, rules = load_cohorts(network.version, database), rules_of(settings)
    warn_of_rules(network.version, cohorts, rules)
    return make_judge(
        network,
        load_references(database, network, current, settings, decoders, rows),
        load_allowed(database, network, allowed, settings, decoders),
        cohorts,
        rules,
        rows,
        before,
    )


class ActiveJudge:
    """Keeps one judge at hand, and replaces it once the database names another.

    Args:
        database: which says what is active.
        settings: which engine, on how many threads.
        decoders: decode the references that are not embedded yet.
        now: seconds on a clock that never goes back.
        opened: a model version that was compared with its digests just now, for the first judge.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        decoders: Decoders,
        now: Callable[[], float] = monotonic,
        opened: ModelVersion | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._decoders = decoders
        self._now = now
        self._known = opened
        self._checked: float | None = None
        self._judge: Judge | None = None
        self._arriving = VersionPrefetcher(settings, now)
        # The warm-up of a worker and its first chunk may both ask.
        self._lock = Lock()

    def current(self, *, fresh: bool = False) -> Judge:
        """The judge of this moment, or, unless it must be `fresh`, of `CHECKED_EVERY` seconds ago.

        While a version is fetched from an object store, the one before goes on judging, unless the
        judge must be fresh: then it is waited for.

        Raises:
            NoActiveModelError: if no model version is active.
            ModelVersionError: if the first one is missing or changed; a later one like that is
                named in the log, and the one before goes on.
        """
        with self._lock:
            due = self._checked is None or self._now() - self._checked >= CHECKED_EVERY
            if self._judge is None or due or fresh:
                started = self._now()
                self._judge = self._follow(self._judge, wait=fresh)
                self._checked = started
            return self._judge

    def fetch_ahead(self) -> None:
        """Fetch the version that is to judge next, where it is in an object store and not here.

        What judges stays: this is for a process that has nothing to judge, so that the picture that
        ends its rest is judged by what judges then.
        """
        with self._database.reading() as session:
            active = model_versions.active(session)
        with self._lock:
            judge = self._judge
            if judge and active and is_remote(active.location):
                self._opened(active, judge, wait=False)

    def version_id(self) -> str | None:
        """The model version that judges here; None before the first was opened."""
        judge = self._judge
        return judge.network.version.id if judge else None

    def _follow(self, judge: Judge | None, *, wait: bool) -> Judge:
        with self._database.reading() as session:
            active = active_version(model_versions.active(session), self._database)
            set_version = references.current_version(session)
            allowed_version = allow_list.current_version(session)
        if judge is None:
            # The references are read and the reaches calibrated while the network is compiled.
            version, self._known = self._known, None
            if version is None or version.digest != active.digest:
                version = open_registered(active, self._settings)
            with opened_beside(version, self._settings) as network:
                return self._load(network)
        network = self._network(active, judge, wait=wait)
        if (
            judge.network is network
            and judge.references.version == set_version
            and judge.allowed.version == allowed_version
        ):
            return judge
        return self._load(network, judge)

    def _load(self, network: Network, before: Judge | None = None) -> Judge:
        loaded = load_judge(self._database, network, self._settings, self._decoders, before)
        _warn_of_emptiness(loaded.references)
        _log.info(
            "judging by model version %s against %d references and %d in quarantine (version %d of "
            "the set)",
            network.version.id,
            len(loaded.references.members),
            len(loaded.quarantined.members),
            loaded.references.version,
        )
        return loaded

    def _network(self, active: ModelVersionRow, judge: Judge, *, wait: bool) -> Network:
        version = self._opened(active, judge, wait=wait)
        if version is None:
            return judge.network
        try:
            network = open_network(version, self._settings)
        except ModelVersionError:
            # As where the copy was removed since it was fetched.
            self._arriving.retry_later()
            _log.exception(_GOES_ON, judge.network.version.id, active.id)
            return judge.network
        self._arriving.forget()
        return network

    def _opened(self, active: ModelVersionRow, judge: Judge, *, wait: bool) -> ModelVersion | None:
        """The active version, if it is another than `judge` goes by and can be opened now."""
        if judge.network.version.id == active.id:
            return None
        try:
            if is_remote(active.location) and not wait:
                return self._arriving.ask(active)
            return open_registered(active, self._settings)
        except ModelVersionError:
            _log.exception(_GOES_ON, judge.network.version.id, active.id)
            return None


def active_version(row: ModelVersionRow | None, database: Database) -> ModelVersionRow:
    """`row`, the active model version of `database`.

    Raises:
        NoActiveModelError: if there is none.
    """
    if row is None:
        raise NoActiveModelError(
            f"no model version is active in the database {database}. Run `nophoto db upgrade`, "
            "which installs the shipped one"
        )
    return row


def _warn_of_emptiness(matrix: ReferenceMatrix) -> None:
    if not matrix.members:
        _log.warning(
            "THE REFERENCE SET IS EMPTY: every upload is judged `real`. Add placeholders with "
            "`nophoto references add FILE`"
        )
