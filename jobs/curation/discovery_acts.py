"""What one does with a group that `discover` found: decide it, or make its medoid a reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from nophoto.jobs.curation.preview import Preview
from nophoto.jobs.curation.reference_check import ReferenceCheck, check_reference
from nophoto.jobs.curation.reviews import decide_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import unflagged
from nophoto.models.records.references import Member, NewReference
from nophoto.models.vocabulary import Kind, Verdict
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a medoid that was to be a reference.

    Attributes:
        check: what it would do.
        member: the reference in quarantine; None where it was refused.
    """

    check: ReferenceCheck
    member: Member | None


class PictureChangedError(NophotoError):
    """The upload's bytes are not those that were judged."""


def decide_discovery(
    database: Database,
    upload_ids: Sequence[int],
    verdict: Verdict,
    reviewer: str,
    *,
    collection: str | None = None,
) -> int:
    """Say of every undecided upload that has the bytes of one of these what it is.

    One decision, which is undone as one.

    Args:
        database: migrated.
        upload_ids: one of each different bytes.
        verdict: what they are.
        reviewer: who says so.
        collection: whose uploads alone are decided; None: those of all.

    Returns:
        How many uploads there were.
    """
    with database.reading() as session:
        digests = unflagged.digests_of(session, upload_ids)
    return decide_pictures(database, digests, verdict, reviewer, collection=collection)


def quarantine_medoid(
    database: Database,
    trial: Preview,
    storage: Storage,
    settings: Settings,
    upload_id: int,
    *,
    by: str,
    kind: Kind = Kind.OWN,
    force: bool = False,
    collection: str | None = None,
) -> Made:
    """Make the picture of an upload a reference in quarantine, unless the check refuses it.

    Args:
        database: migrated.
        trial: tries the picture.
        storage: reads it.
        settings: the share of real pictures that a reference may claim.
        upload_id: whose picture it is.
        by: who makes it one.
        kind: what sort of picture it is.
        force: whether to add also what the check refuses.
        collection: whose uploads alone it is to claim; None: those of all.

    Raises:
        PictureError: if the upload cannot be read.
        PictureChangedError: if other bytes lie there now.
        NophotoError: if there is no such upload.
    """
    with database.reading() as session:
        example = unflagged.examples(session, [upload_id]).get(upload_id)
    if example is None:
        raise NophotoError(f"there is no upload {upload_id}; `nophoto discover` lists what is new")
    data = storage.read(example.uri)
    if sha256(data).hexdigest() != example.digest:
        raise PictureChangedError(
            f"{example.key} has other bytes than those that were judged. Send it again under "
            "another key, or take another upload of the group"
        )
    tried = trial.run(data, collection)
    check = check_reference(
        database, tried, trial.current(collection), settings, kind=kind, collection=collection
    )
    if check.is_refused and not force:
        return Made(check, None)
    new = NewReference(
        example.key[-255:],
        data,
        note="found by nophoto discover",
        kind=kind,
        scope=check.scope,
        collection=collection,
    )
    with database.transaction() as session:
        stored = references.add(session, [new], by=by)
        (member,) = [*stored.added, *stored.known, *stored.quarantined, *stored.retired]
        if stored.added:
            references.quarantine(session, [member.id], by=by)
    return Made(check, member)
