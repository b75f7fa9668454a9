"""What a visitor tried or dropped last, and making a reference of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gradio as gr

import jobs.references
from console.access import Person, payload
from console.room import Room
from console.templating import render
from console.texts import Texts
from jobs.trying import Tried
from models.errors import NophotoError
from models.records.references import NewReference
from models.vision.pictures import PictureError
from models.vocabulary import FailureCode


@dataclass(slots=True)
class Tries:
    """Pictures by digest: the file's name, its bytes, and what the network says."""

    pictures: dict[str, tuple[str, bytes, Tried]] = field(default_factory=dict)

    def chosen(self, event: gr.EventData, texts: Texts) -> tuple[str, bytes, Tried]:
        """The picture that an event names.

        Raises:
            NophotoError: if it was not tried, or something else was tried since.
        """
        try:
            return self.pictures[str(payload(event).get("digest"))]
        except KeyError:
            raise NophotoError(texts("try.gone")) from None


def read_dropped(files: Sequence[str]) -> list[tuple[str, bytes | PictureError]]:
    """The name and bytes of each file that arrived; from now on the bytes are here alone."""
    found: list[tuple[str, bytes | PictureError]] = []
    for file in files:
        path = Path(file)
        try:
            found.append((path.name, path.read_bytes()))
            path.unlink()
        except OSError as error:
            reason = f"the file did not arrive ({error.strerror}); drop it again"
            found.append((path.name, PictureError(FailureCode.MISSING, reason)))
    return found


def add_tried(room: Room, person: Person, kept: Tries, event: gr.EventData, texts: Texts) -> str:
    """Make a picture that was tried a reference, and tell what became of it."""
    name, data, _ = kept.chosen(event, texts)
    reference = NewReference(name, data, note=texts("try.note", name=person.name))
    done = jobs.references.add_tried(room.database, reference, person.name)
    return render("try_added.html", texts, done=done)
