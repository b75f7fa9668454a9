"""Chance that depends on a name alone, so that asking again changes nothing."""

from hashlib import blake2b


def chance(name: str) -> float:
    """A number in [0, 1), evenly spread over names, and the same for the same name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=7).digest()) / 256**7
