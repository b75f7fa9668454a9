"""How much of what is judged is drawn for spot checks, by the settings."""

from nophoto.models.records.review.spot_check_draws import Shares
from nophoto.worker.settings import Settings


def shares_of(settings: Settings) -> Shares:
    """The shares that an operator set."""
    return Shares(
        settings.spot_check_share,
        settings.spot_check_flagged_share,
        settings.spot_check_second_share,
    )
