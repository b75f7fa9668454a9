"""What a worker does once it is asked to stop."""

import threading
from types import SimpleNamespace

import pytest
from celery import signals

from nophoto.worker.process import lifecycle


@pytest.mark.parametrize("pool", [None, SimpleNamespace(_pool=None)], ids=["none", "let go of"])
def test_a_worker_whose_children_have_ended_by_themselves_ends_none(
    pool: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    monkeypatch.setattr(lifecycle, "GRACE_SECONDS", 0.0)
    before = set(threading.enumerate())
    with lifecycle.end_slow_children_on_stop(SimpleNamespace(pool=pool)) as asked:
        signals.worker_shutting_down.send(None)
        assert asked.is_set()
        for thread in set(threading.enumerate()) - before:
            thread.join()
    assert not errors
