"""`python -m benchmarks.webhooks`: the rate, and the loss under kills and refusals.

Real PostgreSQL, a real `nophoto notify`, and a receiver in another process, which checks every
signature. First the receiver takes everything; then it refuses everything in every other second
while the sender is killed (SIGKILL) again and again.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated
from uuid import uuid4

import psutil
import typer
from sqlalchemy import insert

from benchmarks import machine
from benchmarks.installation import Installation, install
from benchmarks.spread import Spread
from benchmarks.webhooks.receiver import SECRET
from nophoto.jobs.cli.rendering.output import progress, stdout
from nophoto.models.records import clock
from nophoto.models.records.notifications import notices
from nophoto.models.records.tables import Channel, Notice

_TIMEOUT = 600.0


@contextmanager
def _receiver(file: Path, period: float) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.webhooks.receiver", str(file), str(port)]
    with subprocess.Popen([*command, str(period)]) as process:
        try:
            _until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


@contextmanager
def _sender(installation: Installation, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {
        "NOPHOTO_HOME": str(installation.folder),
        "NOPHOTO_DATABASE_URL": installation.settings.effective_database_url,
        "NOPHOTO_WEBHOOK_URL": url,
        "NOPHOTO_WEBHOOK_SECRET": SECRET,
        "NOPHOTO_WEBHOOK_TIMEOUT": "2",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "nophoto.jobs.cli", "notify"],
        env=environment,
        cwd=installation.folder,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _fill(installation: Installation, count: int, name: str) -> None:
    with installation.database.transaction() as session:
        now = clock.now(session)
        rows = [
            {
                "channel": Channel.WEBHOOK,
                "message_id": uuid4(),
                "event": {
                    "type": "upload.judged",
                    "timestamp": now.isoformat(),
                    "data": {
                        "key": f"{name}/{number}",
                        "uri": f"/srv/uploads/{number}.jpg",
                        "verdict": "placeholder",
                        "needs_review": False,
                        "similarity": 0.9123456789,
                        "nearest_reference_id": 17,
                        "nearest_reference": "no-photo-tile.png",
                        "reason": None,
                        "model_version_id": "efficientnet-lite0-0123456789ab",
                        "reference_set_version": 1,
                        "failure": None,
                        "failure_message": None,
                        "decided_by": "network",
                        "judged_at": now.isoformat(),
                    },
                },
                "created_at": now,
                "due_at": now,
            }
            for number in range(count)
        ]
        session.execute(insert(Notice), rows)


def _left(installation: Installation) -> int:
    with installation.database.reading() as session:
        standing = notices.standing(session).get(Channel.WEBHOOK)
    return standing.waiting + standing.dead if standing else 0


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _wait_for_lines(file: Path, count: int) -> None:
    read, seen = 0, 0

    def are_there() -> bool:
        nonlocal read, seen
        if file.exists():
            with file.open("rb") as lines:
                lines.seek(read)
                new = lines.read()
            read, seen = read + len(new), seen + new.count(b"\n")
        return seen >= count

    _until(are_there)


def _until(condition: Callable[[], object]) -> None:
    deadline = monotonic() + _TIMEOUT
    while not condition():
        if monotonic() > deadline:
            raise typer.BadParameter("the sender does not come to its end")
        sleep(0.01)


def _rate(installation: Installation, count: int, name: str) -> tuple[float, float]:
    """Webhooks a second, and seconds of a processor that the sender takes for a thousand."""
    file = installation.folder / f"{name}.txt"
    with _receiver(file, 0) as url, _sender(installation, url) as sender:
        process = psutil.Process(sender.pid)
        # Not the start of Python.
        _fill(installation, 1, "first")
        _until(lambda: _left(installation) == 0)
        _fill(installation, count, name)
        began, used = monotonic(), _used(process)
        _wait_for_lines(file, count + 1)
        return count / (monotonic() - began), (_used(process) - used) / count * 1_000


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _loss(installation: Installation, count: int, kills: int) -> dict[str, float]:
    file = installation.folder / "loss.txt"
    name = "loss"
    _fill(installation, count, name)
    began = monotonic()
    with _receiver(file, 1.0) as url:
        for number in range(kills):
            with _sender(installation, url) as sender:
                _wait_for_lines(file, round((number + 1) * count * 0.8 / kills))
                sender.kill()
        with _sender(installation, url):
            _until(lambda: _left(installation) == 0)
    taken = _lines(file)
    wanted = {f"{name}/{number}" for number in range(count)}
    return {
        "sent": count,
        "kills": kills,
        "lost": len(wanted - set(taken)),
        "twice": len(taken) - len(set(taken)),
        "seconds": monotonic() - began,
    }


def main(
    count: Annotated[int, typer.Option(min=100, help="Webhooks of one round.")] = 5_000,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    kills: Annotated[int, typer.Option(min=0)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure webhooks a second, and count those that are lost under kills and refusals."""
    facts = machine.facts()
    with progress("measuring", rounds + 1) as advance, install() as installation:
        rates, costs = [], []
        for number in range(rounds):
            rate, cost = _rate(installation, count, f"round {number}")
            rates.append(rate)
            costs.append(cost)
            advance(number + 1)
        loss = _loss(installation, count, kills)
    rates_spread, costs_spread = Spread.of(rates), Spread.of(costs)
    if as_json:
        json.dump(
            {
                "rate": asdict(rates_spread),
                "processor_seconds_a_thousand": asdict(costs_spread),
                "loss": loss,
                "facts": facts,
            },
            sys.stdout,
            indent=2,
        )
        return
    stdout().print(
        f"webhooks a second: {rates_spread.median:,.0f} (lowest {rates_spread.lowest:,.0f}, "
        f"highest {rates_spread.highest:,.0f}; {rounds} rounds of {count:,})\n"
        f"processor time of the sender: {costs_spread.median:.2f} s a thousand\n"
        f"refused every other second, sender killed {kills} times: {loss['lost']:,.0f} of "
        f"{count:,} lost, {loss['twice']:,.0f} sent twice, {loss['seconds']:,.0f} s"
    )
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
