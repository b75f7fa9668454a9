"""Uploads from an object store that takes its time, beside the same uploads from local files.

`python -m benchmarks.storage` judges the same pictures in turn from a folder and from a server
that speaks S3 and waits before it answers, and prints the ratio of the rates, round by round. The
server runs on the same processors: what it costs is part of what is measured.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated

import typer

from benchmarks import machine
from benchmarks.corpus import CorpusFolder, take_corpus
from nophoto.jobs.cli.rendering.output import print_error, stdout
from nophoto.models.errors import NophotoError
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.inference.embedder import PictureFailure, picture_embedder
from nophoto.worker.inference.network import open_network
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import storage_of

_BUCKET = "s3://uploads"


class _Server(asyncio.Protocol):
    """Answers GET of /uploads/NAME, any number at once, each after `delay` seconds."""

    def __init__(self, files: dict[str, bytes], delay: float) -> None:
        self._files = files
        self._delay = delay
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].decode().rpartition("/")[2]
            asyncio.get_running_loop().call_later(self._delay, self._answer, self._files[name])

    def _answer(self, data: bytes) -> None:
        head = f"HTTP/1.1 206 Partial Content\r\nContent-Length: {len(data)}\r\n\r\n"
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write(head.encode() + data)


async def _serve(paths: Sequence[Path], delay: float, port: Connection) -> None:
    files = {str(place): path.read_bytes() for place, path in enumerate(paths)}
    server = await asyncio.get_running_loop().create_server(
        lambda: _Server(files, delay), "127.0.0.1", 0
    )
    port.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run_server(files: Sequence[Path], delay: float, port: Connection) -> None:
    asyncio.run(_serve(files, delay, port))


@contextmanager
def slow_store(files: Sequence[Path], delay: float) -> Iterator[list[str]]:
    """The URIs of files in a store of them, for S3's tools in this process's environment."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_run_server, args=(files, delay, theirs), daemon=True)
    server.start()
    os.environ["AWS_ENDPOINT_URL_S3"] = f"http://127.0.0.1:{ours.recv()}"
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        yield [f"{_BUCKET}/{place}" for place in range(len(files))]
    finally:
        server.terminate()


def _rate(settings: Settings, uris: Sequence[str]) -> float:
    """Photos a second from reading to embedding, chunk by chunk as a worker takes them."""
    network = open_network(shipped_version(), settings)
    embedder = picture_embedder(network, settings, decoders_of(settings), storage_of(settings).read)
    size = settings.chunk_size
    embedder.embed(uris[:size])  # connections, threads and the network are there after it
    started = perf_counter()
    for start in range(0, len(uris), size):
        for outcome in embedder.embed(uris[start : start + size]).outcomes:
            assert not isinstance(outcome, PictureFailure), outcome
    return len(uris) / (perf_counter() - started)


def main(
    pictures: Annotated[int, typer.Option(min=64, help="Of one round.")] = 1_024,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures both.")] = 3,
    delay: Annotated[float, typer.Option(help="Milliseconds of each request.")] = 50.0,
    fetches: Annotated[int, typer.Option(help="NOPHOTO_FETCHES.")] = 32,
    chunk_size: Annotated[int, typer.Option(help="NOPHOTO_CHUNK_SIZE.")] = 128,
    corpus: CorpusFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure how much of a store's latency is hidden."""
    local_rates, remote_rates = [], []
    try:
        with TemporaryDirectory() as name:
            folder = (corpus or Path(name)).resolve()
            files = take_corpus(corpus, folder, pictures, fewest=64)
            local = Settings(
                _env_file=None, roots=(str(folder),), fetches=fetches, chunk_size=chunk_size
            )
            remote = local.model_copy(update={"roots": (_BUCKET,)})
            with slow_store(files, delay / 1000) as uris:
                for _ in range(rounds):
                    local_rates.append(_rate(local, [str(file) for file in files]))
                    remote_rates.append(_rate(remote, uris))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    ratios = [far / near for far, near in zip(remote_rates, local_rates, strict=True)]
    figures = {"local": local_rates, "remote": remote_rates, "remote / local": ratios}
    if as_json:
        json.dump({"figures": figures, "facts": machine.facts()}, sys.stdout, indent=2)
        return
    print_ = stdout().print
    print_(f"{delay:g} ms a request, {fetches} fetches at once, chunks of {chunk_size}")
    for what, values in figures.items():
        shown = ", ".join(f"{value:.2f}" for value in values)
        print_(f"{what:<16} median {median(values):.2f} ({shown})")
    for fact, value in machine.facts().items():
        print_(f"{fact:<12} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
