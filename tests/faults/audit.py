"""What must be true of the database after every campaign, whatever happened during it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records.database import Database
from nophoto.models.records.references import set_at
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.tables import (
    CohortPicture,
    Embedding,
    ModelVersion,
    Notice,
    Reference,
    ReferenceSetVersion,
    Review,
    Run,
    RunState,
    Score,
    Upload,
    UploadState,
)
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import FailureCode, Verdict

_SAME = 1e-6


@dataclass
class Audit:
    """What was found wrong, by invariant; nothing at all where the promises were kept."""

    lost: list[str] = field(default_factory=list)
    """No outcome, or another than the picture deserves."""
    double: list[str] = field(default_factory=list)
    """More than one history row for a verdict."""
    wrong: list[str] = field(default_factory=list)
    """Anything else."""

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.double or self.wrong)


def audit(
    database: Database,
    expected: Mapping[str, FailureCode | None],
    digests: Mapping[str, str],
    reviews: list[tuple[int, str]],
    runs: int = 0,
) -> Audit:
    """Compare the database with what was accepted.

    Args:
        database: nobody works on it any more.
        expected: of every accepted upload by key, its failure, or None for a verdict.
        digests: of the sound pictures, by key.
        reviews: (upload, verdict) that moderators gave, in order.
        runs: how many were asked for.
    """
    found = Audit()
    with database.reading() as session:
        uploads = session.scalars(select(Upload).order_by(Upload.id)).all()
        scores = session.scalars(select(Score).order_by(Score.id)).all()
        _audit_outcomes(found, uploads, expected, digests)
        _audit_history(found, uploads, scores)
        _audit_sources(found, session, uploads)
        _audit_runs(found, session.scalars(select(Run)).all(), runs)
        _audit_words(found, session, uploads, reviews)
        _audit_outbox(found, session, uploads)
        _audit_remains(found, session, uploads)
    return found


def _audit_outcomes(found, uploads, expected, digests) -> None:  # type: ignore[no-untyped-def]
    by_key = {upload.key: upload for upload in uploads}
    found.wrong += [f"{key}: nobody sent it" for key in by_key.keys() - expected.keys()]
    for key, failure in expected.items():
        upload = by_key.get(key)
        if upload is None:
            found.lost.append(f"{key}: it is in no table")
        elif upload.state == UploadState.JUDGED:
            if failure is not None:
                found.wrong.append(f"{key}: judged, and not failed as {failure}")
            elif upload.digest != digests[key]:
                found.wrong.append(f"{key}: its digest is another picture's")
        elif upload.state != UploadState.FAILED:
            found.lost.append(f"{key}: {upload.state} after {upload.attempts} attempts")
        elif upload.failure != failure:
            found.lost.append(f"{key}: failed as {upload.failure}, and not {failure or 'judged'}")
        if upload is not None and (upload.lease_token or upload.lease_until):
            found.wrong.append(f"{key}: somebody still holds it")


def _audit_history(found, uploads, scores) -> None:  # type: ignore[no-untyped-def]
    # One of the scoring, and one of each rescoring that said otherwise.
    rows = Counter(score.upload_id for score in scores if score.run_id is None)
    rescored = Counter((score.upload_id, score.run_id) for score in scores if score.run_id)
    found.double += [
        f"upload {key[0]}: twice by run {key[1]}" for key, n in rescored.items() if n > 1
    ]
    newest = {score.upload_id: score for score in scores}
    replaced = {upload.id: upload.replaced_at for upload in uploads if upload.replaced_at}
    for score in scores:
        # Of the picture that lay there before.
        if score.upload_id in replaced and score.at < replaced[score.upload_id]:
            rows[score.upload_id] -= score.run_id is None
    for upload in uploads:
        judged = upload.state == UploadState.JUDGED
        if rows[upload.id] > judged:
            found.double.append(f"{upload.key}: {rows[upload.id]} rows of history")
        if judged and not rows[upload.id]:
            found.wrong.append(f"{upload.key}: a verdict without history")
        elif judged:
            for name in (
                "verdict",
                "needs_review",
                "similarity",
                "nearest_reference_id",
                "model_version_id",
                "reference_set_version",
            ):
                if getattr(newest[upload.id], name) != getattr(upload, name):
                    found.wrong.append(f"{upload.key}: history has another {name}")


def _audit_words(found, session, uploads, reviews) -> None:  # type: ignore[no-untyped-def]
    kept = [(r.upload_id, r.verdict) for r in session.scalars(select(Review).order_by(Review.id))]
    if kept != reviews:
        found.wrong.append(f"{len(reviews)} reviews were given and {len(kept)} stand, or others")
    words = dict(reviews)
    for upload in uploads:
        if upload.reviewed != words.get(upload.id):
            found.wrong.append(f"{upload.key}: the word that counts is {upload.reviewed}")


def _audit_outbox(found, session, uploads) -> None:  # type: ignore[no-untyped-def]
    # Nobody sends them, so that each is still there; an upload's last one tells what stands.
    told = {}
    for event in session.scalars(select(Notice.event).order_by(Notice.id)):
        if event["type"] == "upload.refused":
            continue
        told[event["data"]["key"]] = event["data"]["verdict"], event["data"]["failure"]
    for upload in uploads:
        if upload.state in (UploadState.JUDGED, UploadState.FAILED):
            stands = upload.reviewed or upload.verdict, upload.failure
            if upload.key not in told:
                found.lost.append(f"{upload.key}: the platform is not told")
            elif told[upload.key] != stands:
                found.wrong.append(f"{upload.key}: the platform is told {told[upload.key]} last")


def _audit_remains(found, session, uploads) -> None:  # type: ignore[no-untyped-def]
    """Nothing is kept of a picture that no upload and no reference shows."""
    shown = {upload.digest for upload in uploads}
    shown |= set(session.scalars(select(Reference.digest)))
    # A version brings the embeddings of these.
    shown |= {reference.digest for reference in shipped_references()}
    for table in (Embedding, CohortPicture):
        for digest in set(session.scalars(select(table.digest))) - shown:
            found.wrong.append(f"{table.__tablename__} has {digest}, which nothing shows")
    keys = {upload.key for upload in uploads}
    for event in session.scalars(select(Notice.event)):
        if event["type"] != "upload.refused" and event["data"]["key"] not in keys:
            found.wrong.append(f"a notice tells of {event['data']['key']}, which is in no table")


def _audit_runs(found: Audit, runs: Sequence[Run], asked: int) -> None:
    if len(runs) < asked:
        found.lost.append(f"{asked} runs were asked for, and there are {len(runs)}")
    if len(runs) > asked:
        found.double.append(f"{asked} runs were asked for, and there are {len(runs)}")
    found.lost += [f"run {run.id}: {run.state}" for run in runs if run.state != RunState.DONE]


def _audit_sources(found: Audit, session: Session, uploads) -> None:  # type: ignore[no-untyped-def]
    """Judge every upload again, by what its verdict names."""
    versions = {version.id: version for version in session.scalars(select(ModelVersion))}
    sets = set(session.scalars(select(ReferenceSetVersion.version)))
    groups = defaultdict(list)
    for upload in uploads:
        if upload.state == UploadState.JUDGED:
            groups[upload.model_version_id, upload.reference_set_version].append(upload)
    for (version_id, set_version), judged in groups.items():
        if version_id not in versions or set_version not in sets:
            found.wrong.append(f"version {version_id} or set {set_version} never was")
            continue
        members = set_at(session, set_version).members
        known = embeddings.recall(
            session, [m.digest for m in members] + [u.digest for u in judged], version_id
        )
        matrix = np.stack([known[m.digest] for m in members]).astype(np.float32)
        for upload in judged:
            if upload.digest not in known:
                found.wrong.append(f"{upload.key}: no embedding by {version_id}")
                continue
            cosines = matrix @ known[upload.digest].astype(np.float32)
            place = {m.id: row for row, m in enumerate(members)}.get(upload.nearest_reference_id)
            if place is None or abs(cosines[place] - upload.similarity) > _SAME:
                found.wrong.append(f"{upload.key}: its similarity is not of the named versions")
            elif upload.score is None or upload.kind != members[place].kind:
                found.wrong.append(f"{upload.key}: its score or its kind is not the reference's")
            elif (upload.score >= 0) != (upload.verdict == Verdict.PLACEHOLDER):
                found.wrong.append(f"{upload.key}: the verdict is not its score's")
