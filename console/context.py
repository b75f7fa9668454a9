"""What every page of one console process works with, made when it is first needed."""

from functools import cached_property
from typing import TYPE_CHECKING

from nophoto.console.pictures.thumbnails import Thumbnails
from nophoto.console.pictures.upload_cache import UploadCache
from nophoto.models.records.database import Database
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, storage_of

if TYPE_CHECKING:
    from celery import Celery

    from nophoto.console.health import Health
    from nophoto.jobs.curation.preview import Preview


class ConsoleContext:
    """The database, the broker, the network, thumbnails and tried pictures of one console."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.effective_database_url)
        self.shelf = UploadCache()
        self.storage: Storage = storage_of(settings)
        self.decoders = decoders_of(settings)
        self.thumbnails = Thumbnails(
            self.database, self.storage, self.decoders, settings.picture_timeout
        )

    @cached_property
    def app(self) -> "Celery":
        """The Celery application, whose broker is told of what is queued again."""
        from nophoto.worker.broker.app import create_app

        return create_app(self.settings)

    @cached_property
    def health(self) -> "Health":
        """The health issues."""
        from nophoto.console.health import Health

        return Health(self.database, self.app)

    @cached_property
    def trial(self) -> "Preview":
        """What tries pictures; its network is opened when it is first asked."""
        from nophoto.jobs.curation.preview import Preview
        from nophoto.worker.matching.active_judge import ActiveJudge

        return Preview(ActiveJudge(self.database, self.settings, self.decoders), self.decoders)
