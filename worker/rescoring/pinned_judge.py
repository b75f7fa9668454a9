"""The judge of a run: the model version and the reference set that it began with."""

from collections.abc import Sequence

from nophoto.models.errors import NophotoError
from nophoto.models.records import references
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.versions import ModelVersionError
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.network import open_network
from nophoto.worker.matching.active_judge import ActiveJudge, active_version
from nophoto.worker.matching.allow_list import load_allowed
from nophoto.worker.matching.cohorts import load_cohorts, rules_of
from nophoto.worker.matching.judge import Judge, make_judge
from nophoto.worker.matching.references import load_references
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import open_registered


class ModelChangedError(NophotoError):
    """Another model version judges than the one that the run began with."""


class PinnedJudge:
    """Gives the judge of a run, which is the active one unless the set has moved meanwhile.

    Args:
        database: which says what is active.
        active: the judge that follows it.
        settings: of this process.
        decoders: decode the references that are not embedded yet.
    """

    def __init__(
        self, database: Database, active: ActiveJudge, settings: Settings, decoders: Decoders
    ) -> None:
        self._database = database
        self._active = active
        self._settings = settings
        self._decoders = decoders
        self._pinned: Judge | None = None
        self._other: tuple[int, Judge] | None = None

    def of_run(
        self,
        parameters: RescoreParameters,
        model_version_id: str,
        set_version: int,
        collections: Sequence[CollectionRow],
    ) -> Judge:
        """The judge of a run by its parameters: see `get`, and `get_other` of a dry run's model."""
        if parameters.model is None:
            self._other = None  # lets the memory of a dry run's network go
            return self.get(model_version_id, set_version, collections)
        return self.get_other(model_version_id, set_version, collections)

    def get(
        self, model_version_id: str, set_version: int, collections: Sequence[CollectionRow]
    ) -> Judge:
        """The judge by a model version and a version of the reference set.

        Args:
            model_version_id: which network.
            set_version: of the reference set.
            collections: their settings as the run began.

        Raises:
            ModelChangedError: if another model version is active.
            ModelVersionError: if it cannot be opened here.
        """
        judge = self._active.current()
        if judge.network.version.id != model_version_id:
            judge = self._active.current(fresh=True)
        if judge.network.version.id != model_version_id:
            with self._database.reading() as session:
                now = active_version(model_versions.active(session), self._database).id
            if now == model_version_id:
                raise ModelVersionError(
                    f"{now} judges, and cannot be opened on this host: its log says why"
                )
            raise ModelChangedError(
                f"the run began with the model version {model_version_id}, and {now} judges by "
                "now. Ask for a new one with `nophoto rescore`"
            )
        if judge.references.version == set_version:
            return judge
        pinned = self._pinned
        if (
            pinned is None
            or pinned.network is not judge.network
            or pinned.allowed.version != judge.allowed.version
            or pinned.references.version != set_version
        ):
            with self._database.reading() as session:
                members = references.set_at(session, set_version)
            matrices = load_references(
                self._database,
                judge.network,
                members,
                self._settings,
                self._decoders,
                collections,
            )
            pinned = self._pinned = make_judge(
                judge.network,
                matrices,
                judge.all_allowed,
                judge.cohorts,
                rules_of(self._settings),
                collections,
            )
        return pinned

    def get_other(
        self, model_version_id: str, set_version: int, collections: Sequence[CollectionRow]
    ) -> Judge:
        """As `get`, by a version that does not judge: for a dry run.

        Raises:
            ModelVersionError: if it cannot be opened here.
        """
        if self._other is not None:
            version, other = self._other
            if (other.network.version.id, version) == (model_version_id, set_version):
                return other
        with self._database.reading() as session:
            row = model_versions.get(session, model_version_id)
            members = references.set_at(session, set_version)
            allowed = allow_list.active(session)
        network = open_network(open_registered(row, self._settings), self._settings)
        other = make_judge(
            network,
            load_references(
                self._database, network, members, self._settings, self._decoders, collections
            ),
            load_allowed(self._database, network, allowed, self._settings, self._decoders),
            load_cohorts(network.version, self._database),
            rules_of(self._settings),
            collections,
        )
        self._other = set_version, other
        return other
