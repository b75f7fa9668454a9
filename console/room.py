"""What every page of one console process works with, made when it is first needed."""

from functools import cached_property
from typing import TYPE_CHECKING

from console.shelf import Shelf
from console.thumbnails import Thumbnails
from models.records.database import Database
from worker.decoders import decoders_of
from worker.settings import Settings
from worker.storage import Storage, storage_of

if TYPE_CHECKING:
    from celery import Celery

    from console.health import Health
    from jobs.trying import Trial


class Room:
    """The database, the broker, the network, thumbnails and tried pictures of one console."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.effective_database_url)
        self.shelf = Shelf()
        self.storage: Storage = storage_of(settings)
        self.decoders = decoders_of(settings)
        self.thumbnails = Thumbnails(
            self.database, self.storage, self.decoders, settings.picture_timeout
        )

    @cached_property
    def app(self) -> "Celery":
        """The Celery application, whose broker is told of what is queued again."""
        from worker.app import create_app

        return create_app(self.settings)

    @cached_property
    def health(self) -> "Health":
        """What is ill."""
        from console.health import Health

        return Health(self)

    @cached_property
    def trial(self) -> "Trial":
        """What tries pictures; its network is opened when it is first asked."""
        from jobs.trying import Trial
        from worker.active import ActiveJudge

        return Trial(ActiveJudge(self.database, self.settings), self.decoders)
