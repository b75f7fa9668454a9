"""Comparing two model versions on the same pictures."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from nophoto.jobs.evaluation.evaluate import DECISION, check_folder
from nophoto.jobs.evaluation.local_scoring import judge_pictures
from nophoto.jobs.evaluation.reference_sources import database_set
from nophoto.models.records.database import Database
from nophoto.models.vision.evaluation.paired import PairedComparison, Scores, compare
from nophoto.models.vision.matching import Judgement
from nophoto.models.vision.versions import ModelVersion, read_held_out
from nophoto.models.vocabulary import Verdict
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.network import open_network
from nophoto.worker.settings import Settings

Similarities = Mapping[Verdict, Mapping[str, float]]
"""By kind, of each picture its similarity with its nearest reference, or its score."""

Progress = Callable[[int, int], None]

_log = logging.getLogger(__name__)


def compare_versions(
    before: ModelVersion,
    after: ModelVersion,
    database: Database,
    settings: Settings,
    decoders: Decoders,
    held_out: Path | None = None,
    on_progress: Progress = lambda *_: None,
) -> tuple[str, PairedComparison | None]:
    """Compare two versions on the same pictures.

    Args:
        before: the version that judges, say.
        after: the version that might take its place.
        database: whose reference set both compare with, where pictures are judged.
        settings: limits.
        decoders: decode the pictures.
        held_out: a folder with `placeholder/` and `real/`; without one, the pictures that both
            versions were measured by are compared by what either made of them then.
        on_progress: told of every chunk.

    Returns:
        Which pictures, for people; and the figures, None where a kind has no picture.

    Raises:
        EvaluationError: if the folder lacks a kind.
    """
    if held_out:
        files = check_folder(held_out)
        total = 2 * sum(map(len, files.values()))
        source = f"the pictures in {held_out}"
        first = _judge(before, files, database, settings, decoders, lambda n: on_progress(n, total))
        second = _judge(
            after, files, database, settings, decoders, lambda n: on_progress(total // 2 + n, total)
        )
        for kind, uris in files.items():
            for uri in (uri for uri in uris if uri not in second[kind]):
                _log.warning(
                    "left out, since it cannot be judged: %s (`nophoto score` says why)", uri
                )
    else:
        source = "the held-out pictures of both trainings"
        first, second = read_held_out(before), read_held_out(after)
    # Of their trainings both kept similarities.
    decisions = (
        (DECISION,) * 2 if held_out else (before.manifest.threshold, after.manifest.threshold)
    )
    return source, _paired(first, second, decisions)


def _judge(
    version: ModelVersion,
    files: Mapping[Verdict, list[str]],
    database: Database,
    settings: Settings,
    decoders: Decoders,
    on_progress: Callable[[int], None],
) -> Similarities:
    network = open_network(version, settings)
    references = database_set(database, network, settings, decoders)
    found: dict[Verdict, dict[str, float]] = {}
    done = 0
    for kind, uris in files.items():
        before = done

        def advance(count: int, before: int = before) -> None:
            on_progress(before + count)

        pictures = judge_pictures(
            uris, network, references, settings, decoders, on_progress=advance
        )
        found[kind] = {
            picture.uri: picture.outcome.score
            for picture in pictures
            if isinstance(picture.outcome, Judgement) and picture.outcome.score is not None
        }
        done += len(uris)
    return found


def _paired(
    first: Similarities, second: Similarities, decisions: tuple[float, float]
) -> PairedComparison | None:
    common = {kind: sorted(first[kind].keys() & second[kind].keys()) for kind in Verdict}
    if not all(common.values()):
        return None

    def scores(found: Similarities, decision: float) -> Scores:
        placeholders, real = (
            np.array([found[kind][name] for name in common[kind]])
            for kind in (Verdict.PLACEHOLDER, Verdict.REAL)
        )
        return Scores(placeholders, real, decision)

    return compare(scores(first, decisions[0]), scores(second, decisions[1]))
