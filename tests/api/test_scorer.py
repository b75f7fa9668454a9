"""Judging for requests of which some end before their answer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event

import pytest

from nophoto.api import scorer
from nophoto.api.context import ApiContext
from nophoto.models.records.database import Database
from nophoto.models.vocabulary import Verdict
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.api.test_score import photograph


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_request_that_ends_just_before_its_answer_disturbs_nothing(
    database: Database,
    made_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    install_shipped(database)
    context = ApiContext(made_settings(), is_local=True, judges=True)

    async def main() -> None:
        for picture in (photograph(50), b"not a picture"):
            with monkeypatch.context() as patch:
                await _end_late(context, picture, patch)
        result, _ = await context.scorer.run(photograph(50), None)
        assert result.verdict == Verdict.REAL

    try:
        asyncio.run(main())
    finally:
        context.database.close()
    assert not [each for each in caplog.records if each.name == "concurrent.futures"]


async def _end_late(context: ApiContext, picture: bytes, patch: pytest.MonkeyPatch) -> None:
    """Have a picture judged for a request that ends when its answer is there, but not given."""
    loop, ended, given = asyncio.get_running_loop(), Event(), Event()

    def end() -> None:
        loop.call_soon_threadsafe(request.cancel)
        assert ended.wait(30)

    patch.setattr(scorer, "_Answer", lambda: _Late(end, given))
    request = asyncio.create_task(context.scorer.run(picture, None))
    request.add_done_callback(lambda _: ended.set())
    with pytest.raises(asyncio.CancelledError):
        await request
    assert await asyncio.to_thread(given.wait, 30)


class _Late(Future[object]):
    """An answer that is given when its request has just ended."""

    def __init__(self, end: Callable[[], None], given: Event) -> None:
        super().__init__()
        self._end = end
        self._given = given

    def set_result(self, result: object) -> None:
        self._end()
        super().set_result(result)
        self._given.set()

    def set_exception(self, exception: BaseException | None) -> None:
        self._end()
        super().set_exception(exception)
        self._given.set()
