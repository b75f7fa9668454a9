"""What one worker process works with: the one place where its parts are built and joined."""

from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from nophoto.models.records.database import Database
from nophoto.worker.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

    from nophoto.models.vision.versions import ModelVersion
    from nophoto.worker.decoding.pool import Decoders
    from nophoto.worker.matching.active_judge import ActiveJudge
    from nophoto.worker.rescoring import Rescoring
    from nophoto.worker.scoring.overlap import OverlappingChunks
    from nophoto.worker.scoring.pipeline import Pipeline
    from nophoto.worker.scoring.shadow import ShadowJudge
    from nophoto.worker.storage.storage import Storage


_CHECKED_FOR = 10.0
"""Seconds for which a version that was compared with its digests need not be compared again."""


class WorkerContext:
    """The parts of one process, each built when it is first needed and then handed to the others.

    Nothing is built before the process that uses it exists: connections, decoding processes and
    the network may not be shared with the parent that forked it. Pillow and OpenVINO, which the
    parent does without, are imported with the parts that need them.

    Args:
        settings: of the process.
        opened: a model version that was compared with its digests just now.
    """

    def __init__(self, settings: Settings, opened: "ModelVersion | None" = None) -> None:
        self.settings = settings
        self._opened = opened
        self._opened_at = monotonic()

    @cached_property
    def database(self) -> Database:
        """The database of the settings."""
        return Database(self.settings.effective_database_url)

    @cached_property
    def broker(self) -> "Celery":
        """The Celery application through which messages are published."""
        from nophoto.worker.broker.app import create_app

        return create_app(self.settings)

    @cached_property
    def storage(self) -> "Storage":
        """Reads uploads below the allowed roots."""
        from nophoto.worker.storage.storage import storage_of

        return storage_of(self.settings)

    @cached_property
    def decoders(self) -> "Decoders":
        """The confined processes in which every file is decoded."""
        from nophoto.worker.decoding.pool import decoders_of

        return decoders_of(self.settings)

    @cached_property
    def judge(self) -> "ActiveJudge":
        """What judges; its network is opened when it is first asked."""
        from nophoto.worker.matching.active_judge import ActiveJudge

        # A process that takes the place of one that ended looks at the files again.
        is_recent = monotonic() - self._opened_at < _CHECKED_FOR
        opened = self._opened if is_recent else None
        return ActiveJudge(self.database, self.settings, self.decoders, opened=opened)

    @cached_property
    def pipeline(self) -> "Pipeline":
        """What scores a chunk."""
        from nophoto.worker.scoring.pipeline import Pipeline

        return Pipeline(self.database, self.judge, self.settings, self.storage, self.decoders)

    @cached_property
    def chunks(self) -> "OverlappingChunks":
        """What runs chunks through the pipeline, one after the other."""
        from nophoto.worker.scoring.overlap import OverlappingChunks

        return OverlappingChunks(self.pipeline)

    @cached_property
    def rescoring(self) -> "Rescoring":
        """What works on rescorings."""
        from nophoto.worker.rescoring import Rescoring

        return Rescoring(
            self.database, self.judge, self.settings, self.broker, self.storage, self.decoders
        )

    @cached_property
    def shadow(self) -> "ShadowJudge":
        """What judges live uploads by a version in the shadow."""
        from nophoto.worker.scoring.shadow import ShadowJudge

        return ShadowJudge(self.database, self.settings, self.storage, self.decoders)

    def finish(self) -> None:
        """Wait until the chunks that were started, if any were, are written."""
        if "chunks" in self.__dict__:
            self.chunks.close()
