"""What one worker process works with, made when it is first needed."""

from functools import cached_property
from typing import TYPE_CHECKING

from nophoto.models.records.database import Database
from nophoto.worker.settings import Settings

if TYPE_CHECKING:
    from nophoto.worker.matching.active_judge import ActiveJudge
    from nophoto.worker.rescoring import Rescoring
    from nophoto.worker.scoring.pipeline import Pipeline


class Room:
    """The database, the judge and the pipeline of one process.

    Nothing is made before the process that uses it exists: neither connections nor the network
    may be shared with the parent that forked it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def database(self) -> Database:
        """The database of the settings."""
        return Database(self.settings.effective_database_url)

    @cached_property
    def judge(self) -> "ActiveJudge":
        """What judges; its network is opened when it is first asked."""
        from nophoto.worker.matching.active_judge import ActiveJudge

        return ActiveJudge(self.database, self.settings)

    @cached_property
    def pipeline(self) -> "Pipeline":
        """What scores chunks."""
        # Pillow and OpenVINO come with it, which the parent does without.
        from nophoto.worker.scoring.pipeline import Pipeline

        return Pipeline(self.database, self.judge, self.settings)

    def finish(self) -> None:
        """Wait until the pipeline, where there is one, has written what it began."""
        if "pipeline" in self.__dict__:
            self.pipeline.finish()

    @cached_property
    def rescoring(self) -> "Rescoring":
        """What works on rescorings."""
        from nophoto.worker.broker.app import create_app
        from nophoto.worker.rescoring import Rescoring

        return Rescoring(self.database, self.judge, self.settings, create_app(self.settings))
