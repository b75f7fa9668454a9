"""The quality of live verdicts by week and by kind, and whether it falls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nophoto.jobs.quality.agreement import Agreement, agreement
from nophoto.jobs.quality.estimate import Drawn, Figure, Quality, estimate
from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.review import spot_check_results
from nophoto.models.records.review.spot_check_results import SampledVerdict
from nophoto.models.vocabulary import Kind, Verdict

WEEKS = 12
"""Weeks that a report shows."""

_RECENT = timedelta(days=7)
_BEFORE = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Week:
    """The quality of the verdicts of one week, `2026-W48` as ISO 8601 counts them."""

    name: str
    quality: Quality


@dataclass(frozen=True, slots=True)
class Fall:
    """A figure of the last seven days that lies below that of the four weeks before."""

    figure: str
    before: Figure
    now: Figure


@dataclass(frozen=True, slots=True)
class QualityReport:
    """How good the verdicts are.

    Attributes:
        total: of all the weeks.
        weeks: those with drawn verdicts, the newest first.
        kinds: by the kind of the nearest reference.
        collections: by the upload's collection; empty where all are in one.
        falls: figures that fell.
        agreement: how far moderators agree.
    """

    total: Quality
    weeks: list[Week]
    kinds: dict[Kind, Quality]
    collections: dict[str, Quality]
    falls: list[Fall]
    agreement: Agreement


def quality_report(
    database: Database, weeks: int = WEEKS, *, now: datetime | None = None
) -> QualityReport:
    """The quality of live verdicts in the last `weeks`.

    Args:
        database: migrated.
        weeks: to look back.
        now: the end of the last week; this moment if not given.
    """
    with database.reading() as session:
        end = now or clock.now(session)
        since = end - timedelta(weeks=weeks)
        sample = [each for each in spot_check_results.sampled(session, since) if each.at <= end]
        answers = spot_check_results.answers(session, since)
    names = sorted({_week(each.at) for each in sample}, reverse=True)
    collections = sorted({each.collection for each in sample})
    several = collections if len(collections) > 1 else []
    kinds = sorted({each.kind for each in sample if each.kind is not None})
    return QualityReport(
        total=_of(sample),
        weeks=[Week(name, _of([s for s in sample if _week(s.at) == name])) for name in names],
        kinds={kind: _of([s for s in sample if s.kind == kind]) for kind in kinds},
        collections={name: _of([s for s in sample if s.collection == name]) for name in several},
        falls=_falls(sample, end),
        agreement=agreement(answers),
    )


def _of(sample: Sequence[SampledVerdict]) -> Quality:
    return estimate(
        Drawn(_week(s.at), s.verdict == Verdict.PLACEHOLDER, s.probability, s.truth) for s in sample
    )


def _falls(sample: Sequence[SampledVerdict], end: datetime) -> list[Fall]:
    start = end - _RECENT
    recent = _of([s for s in sample if s.at > start])
    before = _of([s for s in sample if start - _BEFORE < s.at <= start])
    found = []
    for name in ("recall", "precision"):
        now, then = getattr(recent, name), getattr(before, name)
        if now and then and now.lies_below(then):
            found.append(Fall(name, then, now))
    return found


def _week(at: datetime) -> str:
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02d}"
