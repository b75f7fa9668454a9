"""Judging the pictures of many requests: few threads decode, one takes what the network embedded.

Imported by the request that needs it: a server that judges nothing loads nothing of it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from nophoto.jobs.curation.preview import Preview, PreviewResult
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.matching.judge import Judge

_Answer = Future[tuple[PreviewResult, Judge]]


class Scorer:
    """Judges pictures for one event loop.

    A thread that has given pixels to the network does not wait for it, but decodes the next
    picture: so the network always has one to embed, with few decoding processes.

    Args:
        judge: follows the database.
        preview: tries pictures.
        decoding: pictures that are decoded at the same time.
    """

    def __init__(self, judge: ActiveJudge, preview: Preview, decoding: int) -> None:
        self._judge = judge
        self._preview = preview
        self._decoding = ThreadPoolExecutor(decoding, thread_name_prefix="decode")
        self._judging = ThreadPoolExecutor(1, thread_name_prefix="judge")

    async def run(self, data: bytes, collection: str | None) -> tuple[PreviewResult, Judge]:
        """What is said of the file in `data`, and by which judge.

        Args:
            data: a file.
            collection: as whose upload it is judged; None for `default`.

        Raises:
            PictureError: if it is not a picture that can be judged.
            NoActiveModelError: if no model version is active.
        """
        answer = _Answer()
        # Begun, so that the end of the request that waits does not cancel it: a thread that looks
        # whether it is cancelled may be told so too late.
        answer.set_running_or_notify_cancel()
        _submit(self._decoding, lambda: self._begin(data, collection, answer), answer)
        return await asyncio.wrap_future(answer)

    def _begin(self, data: bytes, collection: str | None, answer: _Answer) -> None:
        judge = self._judge.current()
        finish = self._preview.begin(data, collection, judge)
        _submit(self._judging, lambda: answer.set_result((finish(), judge)), answer)


def _submit(threads: ThreadPoolExecutor, work: Callable[[], None], answer: _Answer) -> None:
    """Have a thread work; where it fails, that is the answer."""

    def pass_on(done: Future[None]) -> None:
        error = done.exception()
        if error is not None:
            answer.set_exception(error)

    threads.submit(work).add_done_callback(pass_on)
