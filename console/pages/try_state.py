"""What a visitor tried or dropped last, and making a reference of it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import gradio as gr

from nophoto.console.auth.permissions import Person, payload
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import Translations
from nophoto.console.pictures.upload_cache import KEPT_SECONDS
from nophoto.console.rendering.templates import render
from nophoto.jobs.curation.candidates import Candidate
from nophoto.jobs.curation.preview import PreviewResult
from nophoto.jobs.curation.reference_check import check_reference
from nophoto.jobs.curation.references import add_candidates
from nophoto.models.errors import NophotoError
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode


@dataclass(frozen=True, slots=True)
class Chosen:
    """A picture that was tried, and its bytes."""

    name: str
    data: bytes
    tried: PreviewResult


@dataclass(slots=True)
class Tries:
    """What a page may make references of, by digest: the file's name, and what the network says.

    The bytes are on the context's shelf: a page may stand open for ever.
    """

    pictures: dict[str, tuple[str, PreviewResult]] = field(default_factory=dict)

    def keep(self, context: ConsoleContext, name: str, data: bytes, tried: PreviewResult) -> None:
        """Keep a picture that was tried."""
        self.pictures[tried.digest] = (name, tried)
        context.shelf.put(tried.digest, data)

    def chosen(self, context: ConsoleContext, event: gr.EventData, texts: Translations) -> Chosen:
        """The picture that an event names.

        Raises:
            NophotoError: if it was not tried, or something else was tried since, or it is too
                long ago.
        """
        digest = str(payload(event).get("digest"))
        found, data = self.pictures.get(digest), context.shelf.get(digest)
        if found is None or data is None:
            raise NophotoError(texts("try.gone"))
        name, tried = found
        return Chosen(name, data, tried)


def kept_tries() -> gr.State:
    """The part of a page that keeps its tries, no longer than their bytes are kept."""
    return gr.State(Tries(), time_to_live=KEPT_SECONDS)


def read_dropped(files: Sequence[str]) -> list[tuple[str, bytes | PictureError]]:
    """The name and bytes of each file that arrived; from now on the bytes are here alone."""
    found: list[tuple[str, bytes | PictureError]] = []
    for file in files:
        path = Path(file)
        try:
            found.append((path.name, path.read_bytes()))
        except OSError as error:
            reason = f"the file did not arrive ({error.strerror}); drop it again"
            found.append((path.name, PictureError(FailureCode.MISSING, reason)))
    forget_dropped(files)
    return found


def forget_dropped(files: Sequence[str]) -> list[str]:
    """Delete files that arrived, and return their names."""
    for file in files:
        # Where the same file was dropped twice it lies there once.
        with suppress(OSError):
            Path(file).unlink()
    return [Path(file).name for file in files]


def ask_of_upload(
    context: ConsoleContext, upload_id: int | None, texts: Translations
) -> tuple[str, Tries]:
    """Ask whether the picture of an upload is to be a reference, and keep it for the answer.

    Raises:
        PictureError: if it cannot be read any more, or is another than was judged.
    """
    name, data = context.thumbnails.judged_picture(upload_id or 0)
    kept = Tries()
    tried = context.trial.run(data)
    kept.keep(context, name, data, tried)
    judge = context.trial.current()
    warnings = check_reference(context.database, tried, judge, context.settings)
    page = render("try_ask.html", texts, name=name, digest=tried.digest, warnings=warnings)
    return page, kept


def add_tried(
    context: ConsoleContext, person: Person, kept: Tries, event: gr.EventData, texts: Translations
) -> str:
    """Make a picture that was tried a reference, and tell what became of it."""
    chosen = kept.chosen(context, event, texts)
    # Once more: the set may have changed since it was asked for.
    check = check_reference(
        context.database, chosen.tried, context.trial.current(), context.settings
    )
    done = add_candidates(
        context.database,
        [Candidate(chosen.name, chosen.data, check)],
        note=texts("try.note", name=person.name),
        by=person.name,
        force=bool(payload(event).get("force")),
    )
    return render("try_added.html", texts, done=done)
