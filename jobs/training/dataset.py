"""The pictures of a retraining: folders that were named, and what people said in the database."""

import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from nophoto.jobs.training.train import FolderNotFoundError, check_installed, files_below
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.training_pictures import added_references, reviewed_uploads
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.training.pictures import Pictures, check_held_out, check_pictures
from nophoto.models.vocabulary import Verdict
from nophoto.worker.maintenance.erasures import remove_copies
from nophoto.worker.retraining.confinement import check_contents
from nophoto.worker.retraining.request import RetrainParameters
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import storage_of

MOST_REVIEWED = 20_000
"""Uploads that moderators decided: the newest ones."""

HELD_OUT_EVERY = 5
"""One in so many of them is measured with and not learnt, always the same ones."""

OnUnreadable = Callable[[Path, str], None]


def check_named(parameters: RetrainParameters) -> None:
    """Refuse a retraining on this host that cannot be done, before it is a run.

    Raises:
        FolderNotFoundError: if a file or folder that it names is not there.
        TrainingError: if too few pictures are named, and the database is not asked for more.
    """
    for path in parameters.paths:
        if not path.exists():
            raise FolderNotFoundError(f"{path}: there is no such file or folder; correct its name")
    pictures = _named(parameters)
    if parameters.reviews:
        return
    if parameters.recipe.get("recipe"):
        check_held_out(pictures)
    else:
        check_pictures(pictures)


def build_dataset(
    database: Database,
    settings: Settings,
    parameters: RetrainParameters,
    folder: Path,
    on_unreadable: OnUnreadable,
) -> Pictures:
    """The pictures of a retraining.

    Args:
        database: whose references and reviews are learnt.
        settings: from where uploads may be read.
        parameters: which folders.
        folder: of this training. What comes from the database is copied there once: when the
            training goes on after a crash, it goes on with the same pictures.
        on_unreadable: told of every upload that cannot be read any more.

    Raises:
        FolderNotFoundError: if a folder is not there or cannot be read.
        OutsideRootsError: if a confined retraining would read outside the roots.
    """
    check_installed()
    check_contents(parameters, settings)
    kept = folder / "data"
    if parameters.reviews and not kept.is_dir():
        part = folder / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        for name, data in _from_database(database, settings, on_unreadable):
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_bytes(data)
        part.mkdir(parents=True, exist_ok=True)
        part.rename(kept)
    # Also what was erased while it was copied, or while the training was interrupted.
    remove_copies(database, settings)
    known = {
        name: sorted((kept / name).iterdir()) if (kept / name).is_dir() else []
        for name in (f"{use}/{kind}" for use in ("learnt", "held-out") for kind in Verdict)
    }
    named = _named(parameters)
    reviewed_real = known[f"learnt/{Verdict.REAL}"]
    added = known[f"learnt/{Verdict.PLACEHOLDER}"]
    sources = parameters.sources
    if any(known.values()):
        sources += (
            f"\n\nOf this installation: {len(added):,} placeholders that were added to the "
            f"reference set or that moderators found, and {len(reviewed_real):,} uploads that they "
            f"called real; {len(known['held-out/placeholder']):,} and "
            f"{len(known['held-out/real']):,} more were held out.\n"
        )
    return Pictures(
        placeholders=[*named.placeholders, *([added] if added else [])],
        real=[*named.real, *([reviewed_real] if reviewed_real else [])],
        held_out_placeholders=[
            *named.held_out_placeholders,
            *known[f"held-out/{Verdict.PLACEHOLDER}"],
        ],
        held_out_real=[*named.held_out_real, *known[f"held-out/{Verdict.REAL}"]],
        sources=sources,
        composed=named.composed,
    )


def _named(parameters: RetrainParameters) -> Pictures:
    """Those below the folders that were named."""
    held_out = {
        kind: files_below([Path(parameters.held_out) / kind]) if parameters.held_out else []
        for kind in Verdict
    }
    return Pictures(
        placeholders=[files_below([Path(name)]) for name in parameters.placeholders],
        real=[files_below([Path(name)]) for name in parameters.real],
        held_out_placeholders=held_out[Verdict.PLACEHOLDER],
        held_out_real=held_out[Verdict.REAL],
        composed=[files_below([Path(name)]) for name in parameters.composed],
    )


def _from_database(
    database: Database, settings: Settings, on_unreadable: OnUnreadable
) -> Iterator[tuple[str, bytes]]:
    """Files by where they belong: use, kind and digest."""
    references: set[str] = set()
    with database.reading() as session:
        for digest, data in added_references(session):
            references.add(digest)
            yield f"learnt/{Verdict.PLACEHOLDER}/{digest}", data
        uploads = reviewed_uploads(session, MOST_REVIEWED)
    storage = storage_of(settings)
    for upload in uploads:
        try:
            data = storage.read(upload.uri)
        except PictureError as error:
            on_unreadable(Path(upload.uri), str(error))
            continue
        digest = sha256(data).hexdigest()
        if upload.digest is not None and digest != upload.digest:
            on_unreadable(Path(upload.uri), "it is another picture than was reviewed")
        elif digest not in references:
            is_held_out = int(digest[:8], 16) % HELD_OUT_EVERY == 0
            yield f"{'held-out' if is_held_out else 'learnt'}/{upload.verdict}/{digest}", data
