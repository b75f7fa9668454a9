"""What is counted of one chunk of a rescoring, as its row keeps it between the steps."""

from typing import TypedDict


class Tally(TypedDict, total=False):
    """The counts of one chunk; a chunk that has not come so far lacks the later ones.

    Counts by reference have the number of the reference as their key, as JSON keeps it.

    Attributes:
        reached: the id of the last upload whose picture was looked at.
        embedded: pictures that went through the network.
        replaced: uploads whose file holds other bytes than those that were judged.
        failures: pictures that could not be embedded, by code.
        compared: uploads whose verdict was made again.
        changed: of these, those of which something else is to be said.
        to_placeholder, to_real: those with another verdict.
        decided: of these, those that a moderator has decided on.
        matched_before, matched: placeholders by reference, before and now.
        gained: new placeholders by reference.
        gained_undecided: of these, those that no moderator has decided on.
        written: changes that were written, those of the chunks that were written with it included.
        held: changes that are held back for review, likewise.
    """

    reached: int
    embedded: int
    replaced: int
    failures: dict[str, int]
    compared: int
    changed: int
    to_placeholder: int
    to_real: int
    decided: int
    matched_before: dict[str, int]
    matched: dict[str, int]
    gained: dict[str, int]
    gained_undecided: dict[str, int]
    written: int
    held: int
