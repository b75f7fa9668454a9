"""Judging one picture for `POST /v1/score`, and keeping it where that is asked.

Imported by the request that needs it: a server that judges nothing loads nothing of it.
"""

from dataclasses import dataclass
from hashlib import sha256

from anyio import to_thread

from nophoto.api.context import ApiContext
from nophoto.api.score_form import ScoreForm
from nophoto.jobs.curation.preview import PreviewResult
from nophoto.jobs.uploads.keep import keep
from nophoto.models.records.lifecycle.uploads import ItemOutcome, NewUpload
from nophoto.models.records.scoring.outcomes import Failed, Judged
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.matching.judge import Judge
from nophoto.worker.matching.verdicts import classify_uploads

Picture = bytes | PictureError
"""A picture's bytes, or why there are none."""


@dataclass(frozen=True, slots=True)
class JudgedNow:
    """What came of a picture.

    Attributes:
        result: what was said of it; None where it could not be judged.
        failure: why it could not; None where it was.
        kept: what became of the upload; None where it was not to be kept.
    """

    result: PreviewResult | None = None
    failure: PictureError | None = None
    kept: ItemOutcome | None = None


async def read_picture(context: ApiContext, form: ScoreForm) -> Picture:
    """The picture that a form names or holds."""
    if form.data is not None:
        most = context.settings.max_bytes
        if len(form.data) > most:
            too_large = f"the file has {len(form.data):,} bytes, and at most {most:,} are read"
            return PictureError(FailureCode.TOO_LARGE, too_large)
        return form.data
    try:
        return await to_thread.run_sync(
            context.storage.read, form.uri or "", limiter=context.reading
        )
    except PictureError as error:
        return error


async def judge_now(
    context: ApiContext, picture: Picture, item: NewUpload | None, collection: str | None
) -> JudgedNow:
    """Judge a picture, and keep it as an upload where `item` says as which.

    Args:
        context: database, network and decoding processes.
        picture: its bytes, or why there are none.
        item: the upload that it is kept as; None to keep nothing.
        collection: as whose upload it is judged; None for `default`.
    """
    result, judge, failure = None, None, picture if isinstance(picture, PictureError) else None
    if isinstance(picture, bytes):
        try:
            result, judge = await context.scorer.run(picture, collection)
        except PictureError as error:
            failure = error
    if item is None:
        return JudgedNow(result, failure)
    kept = await to_thread.run_sync(_keep, context, picture, item, result, judge, failure)
    return JudgedNow(result, failure, kept)


def _keep(
    context: ApiContext,
    picture: Picture,
    item: NewUpload,
    result: PreviewResult | None,
    judge: Judge | None,
    failure: PictureError | None,
) -> ItemOutcome:
    by = judge or context.judge.current()

    def outcome(upload_id: int, in_collection: str) -> Judged | Failed:
        if result is None:
            assert failure is not None  # noqa: S101 -- one of the two
            digest = sha256(picture).hexdigest() if isinstance(picture, bytes) else None
            return Failed(upload_id, digest, failure.code, str(failure))
        (verdict,) = classify_uploads(
            [upload_id], [result.digest], [result.vector], by, [in_collection]
        )
        return verdict

    vector = result.vector if result else None
    return keep(context.database, context.settings, item, by, vector, outcome)
