"""What every request of one API process works with, made when it is first needed."""

from contextlib import suppress
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from anyio import CapacityLimiter

from nophoto.api.audit import ApiAudit
from nophoto.api.callers import Callers
from nophoto.api.metrics import ApiMetrics
from nophoto.api.rates import Rates
from nophoto.api.turns import Turns
from nophoto.jobs.uploads.admission import Admission
from nophoto.models.errors import NophotoError
from nophoto.models.records import collections
from nophoto.worker.context import WorkerContext
from nophoto.worker.settings import Settings

if TYPE_CHECKING:
    from nophoto.api.scorer import Scorer
    from nophoto.jobs.curation.preview import Preview


_EMBEDDED = 2
"""Pictures for each thread of the network that it embeds, or that wait for it decoded."""


BROKER_AWAY_SECONDS = 10.0
"""For which nobody waits for a broker that did not answer: the sweep sends what is stored."""


class ApiContext(WorkerContext):
    """The parts of a worker, and what is the API's alone.

    Args:
        settings: of this process.
        is_local: whether only this machine reaches it.
        judges: whether it may open the network.
    """

    def __init__(self, settings: Settings, *, is_local: bool, judges: bool) -> None:
        super().__init__(settings)
        self.judges = judges
        self.metrics = ApiMetrics()
        rates = Rates(settings.broker_url.get_secret_value())
        self.callers = Callers(self.database, rates, settings.api_rate, is_local=is_local)
        self.audit = ApiAudit(self.database)
        self.admission = Admission(self.database, settings.max_backlog)
        self._broker_away: tuple[float, str] | None = None
        # A decoding process for each processor: more of them take turns with the network.
        self.decoding = settings.thread_count
        at_once = self.decoding + _EMBEDDED * settings.thread_count
        self.turns = Turns(at_once, settings.api_score_waiting, self.metrics.score_waiting.set)
        self.reading = CapacityLimiter(settings.fetches)

    @cached_property
    def preview(self) -> "Preview":
        """What judges pictures; its network is opened when it is first asked."""
        from nophoto.jobs.curation.preview import Preview

        return Preview(self.judge, self.decoders)

    @cached_property
    def scorer(self) -> "Scorer":
        """What judges the pictures of `POST /v1/score`."""
        from nophoto.api.scorer import Scorer

        return Scorer(self.judge, self.preview, self.decoding)

    @property
    def broker_error(self) -> str | None:
        """Why the broker did not answer some seconds ago; None where it did, or may again."""
        if self._broker_away and monotonic() - self._broker_away[0] < BROKER_AWAY_SECONDS:
            return self._broker_away[1]
        return None

    def note_broker(self, error: str | None) -> None:
        """Note that the broker did not answer just now."""
        if error is not None and self.broker_error is None:
            self._broker_away = (monotonic(), error)

    def check_collection(self, name: str | None) -> None:
        """Make sure that a collection exists, where one is named.

        Raises:
            UnknownCollectionError: if there is none of this name.
        """
        if name is not None:
            with self.database.reading() as session:
                collections.get(session, name)

    def warm_up(self) -> None:
        """Open the network and start a decoder, so that the first picture need not wait."""
        with suppress(NophotoError):  # the request that needs them says so
            self.preview.current()
            self.decoders.start()
