"""The reasons of verdicts in the language of a page."""

from nophoto.console.i18n.catalogue import Translations
from nophoto.models.reasons import Reason, ReasonCode, in_english


def reason_in_words(reason: Reason, texts: Translations) -> str:
    """Why a verdict is another than the score alone would make it."""
    if reason.code is ReasonCode.OTHER:
        return in_english(reason)
    return texts(f"reason.{reason.code}", **reason.parameters.as_dict())
