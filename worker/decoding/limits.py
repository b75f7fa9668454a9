"""What a decoding process may take, as its command line says it."""

import json
from dataclasses import asdict, dataclass

from nophoto.models.vision.pictures import PictureLimits


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """What one decoding process may take.

    Attributes:
        pictures: what is decoded at all.
        seconds: for one picture; the kernel ends the process after them, whatever it does.
        memory: bytes of address space.
    """

    pictures: PictureLimits
    seconds: float
    memory: int

    def dump(self) -> str:
        """As `parse` reads it."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> "DecodingLimits":
        """The limits of a command line."""
        fields = json.loads(text)
        return cls(**fields | {"pictures": PictureLimits(**fields["pictures"])})
