"""The two steps of chunks: their uploads are compared, and later their changes are written."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy.orm import Session

from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.notifications import outbox
from nophoto.models.records.rescoring import (
    Changes,
    RescoreParameters,
    Scope,
    Source,
    changes,
    chunks,
    joined,
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


def compare_chunks(
    shared: SharedRun,
    claimed: Sequence[ClaimedChunk],
    pinned: PinnedJudge,
    settings: Settings,
    storage: Storage,
    decoders: Decoders,
) -> None:
    """Embed the pictures of chunks that need it, compare their uploads and keep what would change.

    Where the pictures took too long, a chunk is put back, to be gone on with from there. Where
    chunks have many changes, those that were not begun are left to the next claims.

    Args:
        shared: the run.
        claimed: chunks of the run, in one claim.
        pinned: gives its judge.
        settings: sizes and limits.
        storage: where pictures may be read from.
        decoders: decode them.

    Raises:
        ModelChangedError: if another model version judges than when the run began.
        ModelVersionError: if the version cannot be opened here.
        RunLostError: if a chunk or the run is not held any more.
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
    compared: list[tuple[ClaimedChunk, Tally, Changes]] = []
    found = done = 0
    for chunk in claimed:
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
                shared.report(0, partial(chunks.put_back, chunk=chunk, tally=tally))
                return
        with database.reading() as session:
            block = read_block(session, scope, chunk.first_id, chunk.last_id)
        result = compare(block, judge, apart)
        compared.append((chunk, tally | result.tally, result.changes))
        done += len(block) + sum(tally.get("failures", {}).values())
        found += len(result.changes)
        if found >= settings.rescore_chunk_size:
            break
    rest = claimed[len(compared) :]

    def keep(session: Session) -> bool:
        spans = chunks.spans([chunk for chunk, *_ in compared])
        changes.keep(session, run.id, spans, joined([own for *_, own in compared]))
        are_held = [
            chunks.take_step(session, chunk, TO_WRITE if len(changed) else WRITTEN, tally)
            for chunk, tally, changed in compared
        ]
        return all(are_held) and (not rest or chunks.release(session, rest))

    shared.report(done, keep)


def write_chunks(shared: SharedRun, claimed: Sequence[ClaimedChunk]) -> None:
    """Write the changes that were kept of chunks, but those by quarantined references.

    Raises:
        RunLostError: if a chunk or the run is not held any more.
    """
    run = shared.run
    progress = progress_of(run)
    source = Source(run.id, progress["model_version_id"], progress["reference_set_version"])
    held = [int(name) for name in progress["quarantined"]]
    first, *others = claimed

    def keep(session: Session) -> bool:
        written = write_changes(session, source, chunks.spans(claimed), held)
        outbox.add(session, written.flipped)
        tally = first.tally | Tally(written=written.verdicts, held=written.held)
        is_held = chunks.take_step(session, first, WRITTEN, tally)
        return is_held and (not others or chunks.take_step_together(session, others, WRITTEN))

    shared.report(sum(chunk.tally["changed"] for chunk in claimed), keep)
