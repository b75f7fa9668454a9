"""Periodic calls: at once or later, in the maker's context, until they are stopped."""

import subprocess
import sys
from contextvars import ContextVar
from threading import Event
from time import monotonic, sleep

from nophoto.worker.concurrency.periodic import Periodic

WORK = ContextVar("work", default="")


def until(calls: list, count: int) -> None:
    deadline = monotonic() + 60
    while len(calls) < count:
        assert monotonic() < deadline
        sleep(0.005)


def test_it_calls_at_once_and_again_until_it_is_stopped() -> None:
    calls: list[str] = []
    WORK.set("chunk 7")
    with Periodic("test", 0.01, lambda: calls.append(WORK.get())):
        until(calls, 3)
    sleep(0.05)
    before = len(calls)
    sleep(0.05)
    assert len(calls) == before
    assert set(calls) == {"chunk 7"}


def test_the_first_call_may_wait() -> None:
    calls: list[int] = []
    late = Periodic("test", 30, lambda: calls.append(1), first_after=30)
    late.start(sender="a signal's argument")
    late.stop(wait_seconds=5, signal="another")
    assert calls == []


def test_stopping_waits_for_a_call_under_way_but_not_for_ever() -> None:
    begun, ended = Event(), Event()

    def action() -> None:
        begun.set()
        ended.wait(30)

    stuck = Periodic("test", 30, action)
    stuck.start()
    begun.wait(5)
    started = monotonic()
    stuck.stop(wait_seconds=0.1)
    assert 0.05 < monotonic() - started < 5
    ended.set()


def test_what_was_made_before_a_fork_runs_and_ends_in_the_child() -> None:
    program = """
import os, sys, time
from nophoto.worker.concurrency.periodic import Periodic
calls = []
periodic = Periodic("test", 0.01, lambda: calls.append(1))
if child := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
periodic.start()
deadline = time.monotonic() + 60
while len(calls) < 3 and time.monotonic() < deadline:
    time.sleep(0.005)
periodic.stop(wait_seconds=5)
before = len(calls)
time.sleep(0.05)
os._exit(0 if 3 <= before == len(calls) else 1)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=120).returncode == 0


def test_it_may_be_stopped_before_it_was_started() -> None:
    Periodic("test", 30, lambda: None).stop(wait_seconds=5)
