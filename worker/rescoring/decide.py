"""The end of a phase: after comparing, write or ask; after writing, finish."""

import logging

from nophoto.models.reasons import held_as_sudden, in_english
from nophoto.models.records import references, runs
from nophoto.models.records.rescoring import RescoreParameters, chunks
from nophoto.models.records.runs.documents import Phase
from nophoto.worker.rescoring.guard import held_back, question, total
from nophoto.worker.rescoring.progress import begin, result_of
from nophoto.worker.rescoring.shared_run import HELPERS, SharedRun
from nophoto.worker.settings import Settings

_log = logging.getLogger(__name__)


def end_phase(shared: SharedRun, phase: Phase, settings: Settings) -> int:
    """Let a run whose chunks are all through `phase` be written, wait for approval, or end.

    Args:
        shared: the run.
        phase: that its chunks are through.
        settings: of the guard.

    Returns:
        How many messages for the run are to be sent.

    Raises:
        RunLostError: if the run is not held any more.
    """
    run = shared.run
    parameters = RescoreParameters.from_dict(run.parameters)
    with shared.database.transaction() as session:
        progress = shared.lock(session)
        if progress["phase"] != phase:
            return 0  # another was faster
        totals = total(chunks.tallies(session, run.id))
        open_question = None
        if phase == "compare":
            held = held_back(totals, parameters.trusted, settings)
            progress["changed"] = totals.counts["changed"]
            progress["quarantined"] = {str(one): in_english(held_as_sudden(one)) for one in held}
            open_question = question(totals, held, settings)
            if not parameters.dry_run:
                if open_question and not parameters.yes:
                    progress["phase"] = "asks"
                    progress["question"] = open_question
                    runs.hold(session, run.token, progress)
                    _log.warning("run %d waits for approval: %s", run.id, open_question)
                    return 0
                changed = totals.counts["changed"]
                begin(session, progress, "write", changed)
                runs.report_progress(session, run.token, progress)
                # Chunks with few changes are written together: more workers would find nothing.
                return min(HELPERS, 1 + changed // settings.rescore_chunk_size)
        set_version = references.current_version(session)
        runs.finish(session, run.token, result_of(totals, progress, open_question, set_version))
    _log.info(
        "run %d done: compared=%d written=%d held=%d",
        run.id,
        totals.counts["compared"],
        totals.counts["written"],
        totals.counts["held"],
    )
    return 0
