"""Judging live uploads in the shadow: after the fact, so that no upload waits for it."""

import logging
from time import monotonic

from nophoto.models.records.database import Database
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.records.versions import model_versions, shadow_following, shadows
from nophoto.models.records.versions.shadow_following import Batch, ToCompare
from nophoto.models.records.versions.shadows import ShadowRow
from nophoto.models.vision.versions import ModelVersionError
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import Embedded, Vector, picture_embedder
from nophoto.worker.inference.network import open_network
from nophoto.worker.matching.active_judge import load_judge
from nophoto.worker.matching.judge import Judge
from nophoto.worker.matching.verdicts import classify_uploads
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage
from nophoto.worker.versions.registry import open_registered

_AT_ONCE = 500
"""Uploads that one look takes in, of which the share is judged."""

_JUDGE_FOR = 60.0
"""Seconds after which the references are looked up again: the set may have changed."""

_log = logging.getLogger(__name__)


class ShadowJudge:
    """Follows what was judged live, and judges a share of it by the shadow's version.

    Args:
        database: where verdicts are, and what the shadow says.
        settings: limits and threads.
        storage: where pictures may be read from.
        decoders: decode them.
    """

    def __init__(
        self, database: Database, settings: Settings, storage: Storage, decoders: Decoders
    ) -> None:
        self._database = database
        self._settings = settings
        self._storage = storage
        self._decoders = decoders
        self._judge: tuple[float, Judge] | None = None

    def step(self, seconds: float) -> int:
        """Judge what was judged live since the last time, for so many seconds at most.

        A run whose version judges by now, or cannot be opened any more, or whose other version
        judges no longer, is ended with the reason.

        Returns:
            How many uploads were compared.
        """
        deadline = monotonic() + seconds
        compared = 0
        while monotonic() < deadline:
            with self._database.reading() as session:
                shadow = shadows.current_shadow(session)
                if shadow is None:
                    return compared
                batch = shadow_following.next_batch(session, shadow, _AT_ONCE)
                active = model_versions.active(session)
            if active is None or active.id != shadow.beside_id:
                self._end(shadow, f"{active.id if active else 'no version'} judges by now")
                return compared
            if batch.uploads:
                try:
                    judge = self._current(shadow)
                except ModelVersionError as error:
                    self._end(shadow, f"it cannot be opened any more: {error}")
                    return compared
                judged, vectors = self._judge_all(batch.uploads, judge)
            else:
                judged, vectors = list[Judged](), dict[str, Vector]()
            if batch.followed_to == shadow.followed_to:
                return compared
            said = {each.upload_id for each in judged}
            kept = [each for each in batch.uploads if each.upload_id in said]
            with self._database.transaction() as session:
                # What was erased meanwhile leaves nothing.
                there = shadow_following.lock_pictures(session, list(vectors))
                left = {digest: vectors[digest] for digest in there}
                embeddings.remember(session, shadow.model_version_id, left)
                of = Batch(kept, batch.followed_to, batch.is_last)
                compared += shadow_following.write(session, shadow, of, judged)
            if batch.is_last:
                return compared
        return compared

    def _judge_all(
        self, uploads: list[ToCompare], judge: Judge
    ) -> tuple[list[Judged], dict[str, Vector]]:
        version_id = judge.network.version.id
        with self._database.reading() as session:
            known = dict(embeddings.recall(session, [u.digest for u in uploads], version_id))
        unknown = [upload for upload in uploads if upload.digest not in known]
        new: dict[str, Vector] = {}
        if unknown:
            embedder = picture_embedder(
                judge.network, self._settings, self._decoders, self._storage.read
            )
            result = embedder.embed([upload.uri for upload in unknown])
            # What cannot be read any more, or holds other bytes by now, is passed over.
            new = {
                upload.digest: outcome.vector
                for upload, outcome in zip(unknown, result.outcomes, strict=True)
                if isinstance(outcome, Embedded) and outcome.digest == upload.digest
            }
        vectors = known | new
        there = [upload for upload in uploads if upload.digest in vectors]
        judged = classify_uploads(
            [upload.upload_id for upload in there],
            [upload.digest for upload in there],
            [vectors[upload.digest] for upload in there],
            judge,
            [upload.collection for upload in there] if judge.collections else (),
        )
        return judged, new

    def _current(self, shadow: ShadowRow) -> Judge:
        now = monotonic()
        if self._judge and self._judge[1].network.version.id == shadow.model_version_id:
            loaded, judge = self._judge
            if now - loaded < _JUDGE_FOR:
                return judge
            network = judge.network
        else:
            with self._database.reading() as session:
                row = model_versions.get(session, shadow.model_version_id)
            network = open_network(open_registered(row, self._settings), self._settings)
        judge = load_judge(self._database, network, self._settings, self._decoders)
        self._judge = now, judge
        return judge

    def _end(self, shadow: ShadowRow, because: str) -> None:
        with self._database.transaction() as session:
            is_ours = shadows.end(session, shadow.id, because)
        if is_ours:
            _log.warning("the shadow run of %s ended: %s", shadow.model_version_id, because)
