"""The held-out pictures that a version takes for what they are not, as a page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nophoto.jobs.training.held_out_files import NAMED, named_files
from nophoto.models.records import runs
from nophoto.models.records.tables import Upload
from nophoto.models.vision.versions import HeldOutMistake, ModelVersion, held_out_mistakes
from nophoto.models.vocabulary import Verdict

_DIGITS = 12
"""Of a digest, in place of a name."""


@dataclass(frozen=True, slots=True)
class HeldOutPicture:
    """A held-out picture, and what the version takes it for.

    Attributes:
        name: an upload's key, a file's name without its folder, or the digest's beginning.
        picture: the address of its thumbnail; None where nobody knows the file.
        kind: what it is.
        similarity: with its nearest reference.
    """

    name: str
    picture: str | None
    kind: Verdict
    similarity: float


@dataclass(frozen=True, slots=True)
class HeldOutMistakes:
    """The mistakes of a version among its held-out pictures.

    Attributes:
        missed, flagged: how many placeholders were missed, and how many real pictures flagged.
        worst: those furthest from the threshold.
    """

    missed: int
    flagged: int
    worst: list[HeldOutPicture]


def read_mistakes(session: Session, version: ModelVersion) -> HeldOutMistakes:
    """The mistakes of `version`, with pictures where this installation knows them.

    That is where an upload has the same bytes, or where the version was trained here and the
    run named the file.
    """
    mistakes = held_out_mistakes(version)
    missed = sum(mistake.kind == Verdict.PLACEHOLDER for mistake in mistakes)
    worst = _shown(session, version.id, mistakes[:NAMED]) if mistakes else []
    return HeldOutMistakes(missed, len(mistakes) - missed, worst)


def _shown(
    session: Session, version_id: str, mistakes: Sequence[HeldOutMistake]
) -> list[HeldOutPicture]:
    newest = select(func.max(Upload.id)).where(
        Upload.digest.in_([mistake.digest for mistake in mistakes])
    )
    query = select(Upload.digest, Upload.id, Upload.key)
    query = query.where(Upload.id.in_(newest.group_by(Upload.digest)))
    uploads = {digest: (upload_id, key) for digest, upload_id, key in session.execute(query)}
    run = runs.of_version(session, version_id)
    files = named_files(run) if run else {}
    shown = []
    for mistake in mistakes:
        name, picture = mistake.digest[:_DIGITS], None
        if mistake.digest in uploads:
            upload_id, name = uploads[mistake.digest]
            picture = f"/pictures/upload/{upload_id}"
        elif run and mistake.digest in files:
            name = PurePath(files[mistake.digest]).name
            picture = f"/pictures/held-out/{run.id}/{mistake.digest}"
        shown.append(HeldOutPicture(name, picture, mistake.kind, mistake.similarity))
    return shown
