"""The faults: each is laid while uploads flow, and mends what it broke before it returns."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Timer
from time import sleep

import psutil
import psycopg

from tests.faults.decoder import CRASHES, HANGS, SWELLS
from tests.faults.site import Site, wait_for
from tests.faults.tripwires import ENDS_WORKERS, STAGES

_DOWN = 3.0
"""Seconds that a part stays away."""

_TIMEOUT = 150.0
"""Seconds to wait until a worker comes to a stage."""


_KILLED = {"child": "kill-child", "parent": "kill-parent", "worker": "kill-both"}
"""Processes of a worker that can be lost, alone or together, with the action that does it."""


class NotInjectedError(Exception):
    """No worker came to where the fault waited."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault; `inject` takes the site and the ids that flow."""

    name: str
    inject: Callable[[Site, list[int]], None]
    databases: tuple[str, ...] = ("postgresql", "sqlite")
    doors: tuple[str, ...] = ("intake", "http")
    tail: bytes = b""
    """What the last uploads of its batch end with."""


def all_faults(database: str, door: str = "intake") -> list[Fault]:
    return [f for f in _faults() if database in f.databases and door in f.doors]


def _faults() -> Iterator[Fault]:
    for who, action in _KILLED.items():
        for stage in STAGES:
            yield Fault(f"kill -9 of {who} {stage}", partial(_trip, stage, action))
        yield Fault(f"kill -9 of {who} before the intake", partial(_kill_intake, action))
        for stage, where in (("before-step", "before"), ("in-step", "in")):
            name = f"kill -9 of {who} {where} a run's step"
            yield Fault(name, partial(_rescore, stage, action))
    yield Fault("SIGTERM with a full queue", _terminate)
    yield Fault("SIGSTOP longer than the lease", _stop)
    yield Fault("Valkey killed, restarted empty", _kill_valkey)
    yield Fault("Valkey frozen", _freeze_valkey)
    yield Fault("Valkey refuses", _refuse)
    yield Fault("Valkey half-open", _silence)
    postgres = ("postgresql",)
    yield Fault("PostgreSQL killed, restarted", _kill_postgres, postgres)
    yield Fault("connection dropped in transaction", _drop_connections, postgres)
    for name, code in (("serialisation failure", "40001"), ("deadlock", "40P01")):
        yield Fault(name, partial(_trip, "before-commit", f"sqlstate-{code}"), postgres)
    yield Fault("disk full (database)", partial(_trip, "before-commit", "sqlstate-53100"), postgres)
    yield Fault("disk full (database)", _fill_disk, ("sqlite",))
    yield Fault("messages twice, out of order", _repeat_messages)
    yield Fault("messages malformed or newer", _send_nonsense)
    yield Fault("clock back an hour", partial(_step_clock, -3600.0))
    yield Fault("clock forward an hour", partial(_step_clock, 3600.0))
    yield Fault("reference set changed in chunk", partial(_change, Site.change_references))
    yield Fault("model version changed in chunk", partial(_change, Site.change_model))
    yield Fault("uploads replaced in chunk", partial(_change, Site.replace))
    yield Fault("uploads erased in chunk", partial(_change, Site.erase))
    yield Fault("kill -9 of an erasure", _kill_erasure)
    http = ("http",)
    yield Fault("kill -9 of the API", _kill_api, doors=http)
    yield Fault("kill -9 of the API before its answer", _kill_before_answer, doors=http)
    for where in ("in", "after"):
        name = f"kill -9 of the API {where} an erasure"
        yield Fault(name, partial(_kill_api_erasing, where), doors=http)
    yield Fault("many sweeps at once", _sweep_often)
    yield Fault("two schedulers at once", _schedule_twice)
    yield Fault("SIGSTOP in a run's step", _stop_rescoring)
    yield Fault("picture that kills the decoder", _nothing, tail=CRASHES)
    yield Fault("picture that hangs the decoder", _nothing, tail=HANGS)
    yield Fault("picture that fills the memory", _nothing, tail=SWELLS)
    yield Fault("picture that kills the worker", _nothing, tail=ENDS_WORKERS)


def _trip(stage: str, action: str, site: Site, _: list[int]) -> None:
    _take(site, stage, action)
    sleep(0.5)
    for worker in site.workers:
        worker.keep_alive()


def _kill_intake(action: str, site: Site, _: list[int]) -> None:
    trip = site.lay("before-intake", action)
    site.send(site.make(16))
    if not wait_for(lambda: site.taken_by(trip), _TIMEOUT):
        raise NotInjectedError("nobody came to the intake")
    sleep(0.5)
    for worker in site.workers:
        worker.keep_alive()


def _kill_api(site: Site, _: list[int]) -> None:
    assert site.http
    for number in range(8):
        # At another moment each time, while a request is under way.
        ending = Timer(0.02 * number, site.http.kill)
        ending.start()
        site.enqueue(site.make(100))
        ending.join()
        site.http.keep_alive()


def _kill_before_answer(site: Site, _: list[int]) -> None:
    """What is in the database already is sent again, since nobody said so."""
    for _number in range(3):
        trip = site.lay("after-acceptance", "kill-child")
        site.enqueue(site.make(100))
        if not site.taken_by(trip):
            raise NotInjectedError("the server was not killed")
        site.clear_trips()


def _kill_api_erasing(where: str, site: Site, ids: list[int]) -> None:
    wait_for(lambda: site.count_open() == 0, _TIMEOUT)
    for key in site.keys_of(ids[2:5]):
        trip = site.lay(f"{where}-erasure", "kill-child")
        site.erase_all([key])
        if not site.taken_by(trip):
            raise NotInjectedError("the server was not killed")
        site.clear_trips()


def _take(site: Site, stage: str, action: str) -> int:
    trip = site.lay(stage, action)
    if not wait_for(lambda: site.taken_by(trip), _TIMEOUT):
        raise NotInjectedError(f"nobody came to {stage}")
    process = site.taken_by(trip)
    assert process is not None
    return process


def _terminate(site: Site, _: list[int]) -> None:
    worker = site.workers[int(site.rng.integers(2))]
    worker.terminate()
    worker.keep_alive()


def _stop(site: Site, _: list[int]) -> None:
    process = _take(site, "after-decode", "stop")
    sleep(site.settings.lease_seconds * 1.5)
    os.kill(process, signal.SIGCONT)


def _kill_valkey(site: Site, _: list[int]) -> None:
    site.valkey.kill()
    sleep(_DOWN)
    site.valkey.start()


def _freeze_valkey(site: Site, _: list[int]) -> None:
    site.valkey.freeze()
    sleep(_DOWN * 3)
    site.valkey.thaw()


def _refuse(site: Site, _: list[int]) -> None:
    site.wire.refuse()
    sleep(_DOWN)
    site.wire.accept()


def _silence(site: Site, _: list[int]) -> None:
    site.wire.silence()


def _kill_postgres(site: Site, _: list[int]) -> None:
    assert site.postgres is not None
    site.postgres.kill()
    sleep(_DOWN)
    site.postgres.start()


def _drop_connections(site: Site, _: list[int]) -> None:
    process = _take(site, "before-commit", "stop")
    assert site.postgres is not None
    with psycopg.connect(site.postgres.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'nophoto'"
        )
    os.kill(process, signal.SIGCONT)


def _fill_disk(site: Site, _: list[int]) -> None:
    """No file of a child may grow, as on a full disk; the kernel says so to each write."""
    children = [child for worker in site.workers for child in worker.children]
    size = Path(str(site.database.file)).stat().st_size // 2
    for child in children:
        _limit_files(child, size)
    sleep(_DOWN)
    for child in children:
        _limit_files(child, resource.RLIM_INFINITY)


def _limit_files(child: psutil.Process, size: int) -> None:
    with suppress(psutil.NoSuchProcess):
        child.rlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _repeat_messages(site: Site, ids: list[int]) -> None:
    for _ in range(10):
        shuffled = [int(i) for i in site.rng.permutation(ids)]
        for lane in ("interactive", "bulk"):
            site.app.send_task("nophoto.score_chunk", [shuffled[:40]], queue=lane)


def _send_nonsense(site: Site, ids: list[int]) -> None:
    send = partial(site.app.send_task, queue="interactive")
    for arguments in ([None], ["ids"], [[-1]], [[2**70]], [{"ids": ids}], [[True]], []):
        send("nophoto.score_chunk", arguments)
        send("nophoto.score", arguments)
    send("nophoto.score_chunk", [ids], {"priority": 9, "trace": {"id": "x"}})
    send("nophoto.score_chunk", [ids, "newer"])
    send("nophoto.score", [[{"uri": "/x"}, {"key": 1, "uri": "/x"}, "text", None]])
    send("nophoto.from_the_future", [ids])
    client = site.app.connection_for_write().default_channel.client
    for body in (b"", b"{", b"[]", b"\xff\xfe", b'{"body": 1}', b'{"headers": {}, "body": "x"}'):
        client.lpush("interactive", body)


def _step_clock(seconds: float, site: Site, _: list[int]) -> None:
    # One dies holding a lease that the step makes endless, or void.
    trip = site.lay("before-commit", "kill-child")
    wait_for(lambda: site.taken_by(trip), _TIMEOUT)
    (site.trips / "clock").write_text(str(seconds))


def _change(change: Callable[[Site], None], site: Site, _: list[int]) -> None:
    process = _take(site, "after-decode", "stop")
    change(site)
    os.kill(process, signal.SIGCONT)


def _kill_erasure(site: Site, ids: list[int]) -> None:
    wait_for(lambda: site.count_open() == 0, _TIMEOUT)
    keys = site.keys_of(ids[2:])
    for start in range(0, 9, 3):
        # Somewhere between its start and its end, which takes about a second.
        site.erase_in_process(keys[start : start + 3], 0.4 + float(site.rng.random()))


def _sweep_often(site: Site, ids: list[int]) -> None:
    for _ in range(50):
        site.app.send_task("nophoto.sweep", queue="sweep")


def _schedule_twice(site: Site, _: list[int]) -> None:
    due = site.schedule_rescoring()
    command = [sys.executable, "-m", "nophoto.jobs.cli", "beat"]
    beats = [
        subprocess.Popen(
            command,
            env={**os.environ, **site.environment, **due},
            cwd=Path(__file__).parents[2],
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    wait_for(site.has_every_run, _TIMEOUT)
    sleep(_DOWN)
    for beat in beats:
        beat.terminate()
        beat.wait(20)


def _rescore(stage: str, action: str, site: Site, _: list[int]) -> None:
    site.rescore()
    _take(site, stage, action)


def _stop_rescoring(site: Site, _: list[int]) -> None:
    site.rescore()
    process = _take(site, "in-step", "stop")
    sleep(site.settings.lease_seconds * 1.5)
    os.kill(process, signal.SIGCONT)


def _nothing(site: Site, _: list[int]) -> None:
    """The pictures themselves are the fault."""
