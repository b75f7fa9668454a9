"""The reasons of verdicts in the language of a page.

A worker writes a reason in English into the database, where it is one sentence for every reader.
Those that it writes of itself are known here by their form; any other stays as it is.
"""

import re

from nophoto.console.i18n.catalogue import Translations

_ALLOWED = r"allowed picture (?P<id>\d+) \((?P<name>.*?)\): (?P<why>.*)"
_KNOWN = {
    "reason.quarantined": re.compile(r"held: reference (?P<id>\d+) is in quarantine\..*", re.S),
    "reason.sudden": re.compile(r"held: reference (?P<id>\d+) suddenly matches .*", re.S),
    "reason.rejected": re.compile(
        r"most like reference (?P<id>\d+) \((?P<name>.*?)\) of the kind .*", re.S
    ),
    "reason.same": re.compile("is " + _ALLOWED, re.S),
    "reason.alike": re.compile("looks like " + _ALLOWED, re.S),
}


def reason_in_words(reason: str, texts: Translations) -> str:
    """Why a verdict is another than the score alone would make it."""
    for name, form in _KNOWN.items():
        if found := form.fullmatch(reason):
            return texts(name, **found.groupdict())
    return reason
