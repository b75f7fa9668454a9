"""The two steps of a chunk: its uploads are compared, and later its changes are written."""

from sqlalchemy.orm import Session

from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.notifications import outbox
from nophoto.models.records.rescoring import (
    RescoreParameters,
    Scope,
    Source,
    changes,
    chunks,
    read_block,
    write_changes,
)
from nophoto.models.records.rescoring.chunks import TO_WRITE, WRITTEN, ClaimedChunk
from nophoto.models.records.rescoring.tally import Tally
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.rescoring.compare import compare
from nophoto.worker.rescoring.embed import embed_chunk
from nophoto.worker.rescoring.pinned_judge import PinnedJudge
from nophoto.worker.rescoring.progress import progress_of
from nophoto.worker.rescoring.shared_run import SharedRun
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage


def compare_chunk(
    shared: SharedRun,
    chunk: ClaimedChunk,
    pinned: PinnedJudge,
    settings: Settings,
    storage: Storage,
    decoders: Decoders,
) -> None:
    """Embed the pictures of a chunk that need it, compare its uploads and keep what would change.

    Where the pictures took too long, the chunk is put back, to be gone on with from there.

    Args:
        shared: the run.
        chunk: of the run.
        pinned: gives its judge.
        settings: sizes and limits.
        storage: where pictures may be read from.
        decoders: decode them.

    Raises:
        ModelChangedError: if another model version judges than when the run began.
        ModelVersionError: if the version cannot be opened here.
        RunLostError: if the chunk or the run is not held any more.
    """
    run, database = shared.run, shared.database
    progress = progress_of(run)
    parameters = RescoreParameters.from_dict(run.parameters)
    # A run that a nophoto without collections has planned names none.
    rows = [CollectionRow.from_dict(row) for row in progress.get("collections", [])]
    version_id = progress["model_version_id"]
    judge = pinned.of_run(parameters, version_id, progress["reference_set_version"], rows)
    apart = tuple(judge.collections)
    scope = Scope(parameters.filters, version_id, progress["dimension"], apart)
    tally = Tally()
    if progress["pictures"]:
        embedded = embed_chunk(
            database,
            judge,
            settings,
            storage,
            decoders,
            chunk,
            scope,
            requeue=not parameters.dry_run,
        )
        tally = embedded.as_tally()
        if not embedded.is_done:
            shared.report(0, lambda session: chunks.put_back(session, chunk, tally))
            return
    with database.reading() as session:
        block = read_block(session, scope, chunk.first_id, chunk.last_id)
    compared = compare(block, judge, apart)

    def keep(session: Session) -> bool:
        changes.keep(session, run.id, chunk.first_id, chunk.last_id, compared.changes)
        step = TO_WRITE if len(compared.changes) else WRITTEN
        return chunks.take_step(session, chunk, step, tally | compared.tally)

    shared.report(len(block) + sum(tally.get("failures", {}).values()), keep)


def write_chunk(shared: SharedRun, chunk: ClaimedChunk) -> None:
    """Write the changes that were kept of a chunk, but those by quarantined references.

    Raises:
        RunLostError: if the chunk or the run is not held any more.
    """
    run = shared.run
    progress = progress_of(run)
    source = Source(run.id, progress["model_version_id"], progress["reference_set_version"])
    held = [int(name) for name in progress["quarantined"]]

    def keep(session: Session) -> bool:
        written = write_changes(session, source, chunk.first_id, chunk.last_id, held)
        outbox.add(session, written.flipped)
        tally = chunk.tally | Tally(written=written.verdicts, held=written.held)
        return chunks.take_step(session, chunk, WRITTEN, tally)

    shared.report(chunk.tally["changed"], keep)
