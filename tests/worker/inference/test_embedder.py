import sys
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nophoto.models.vision.engines import Engine
from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.decoding import child
from nophoto.worker.decoding.child import DecoderError
from nophoto.worker.decoding.limits import DecodingLimits
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import Embedded, PictureEmbedder, PictureFailure
from nophoto.worker.inference.network import Network
from nophoto.worker.inference.reader import HELD_BYTES
from tests.faults import decoder
from tests.faults.decoder import HANGS
from tests.parts import DECODERS

Draw = Callable[[int], bytes]


class CountingEngine:
    """The real engine, and how many pictures it was given in each call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.calls: list[int] = []
        self.pictures_at_once: int | None = None

    @property
    def at_once(self) -> int:
        return self.pictures_at_once or self._engine.at_once

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float32]]:
        self.calls.append(len(pixels))
        return self._engine.start(pixels)

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self.start(pixels)()


class Files(dict[str, bytes]):
    """Files by URI, and how often each was read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.reads: list[str] = []

    def read(self, uri: str) -> bytes:
        self.reads.append(uri)
        if uri not in self:
            raise PictureError(FailureCode.MISSING, f"there is no {uri}")
        return self[uri]


@pytest.fixture
def engine(network: Network) -> CountingEngine:
    return CountingEngine(network.engine)


@pytest.fixture
def embedder_of(
    network: Network, engine: CountingEngine
) -> Callable[[Callable[[str], bytes]], PictureEmbedder]:
    counted = Network(network.version, engine)
    return lambda read: PictureEmbedder(counted, DECODERS, read, threads=2, timeout=1)


def test_bad_pictures_fail_alone_and_say_why(
    embedder_of: Callable[..., PictureEmbedder], noise: Draw
) -> None:
    files = Files({"a": noise(1), "text": b"hello", "empty": b"", "cut": noise(2)[:300]})
    uris = ["a", "text", "gone", "empty", "cut"]
    outcomes = embedder_of(files.read).embed(uris).outcomes
    assert isinstance(outcomes[0], Embedded)
    assert outcomes[0].digest == sha256(files["a"]).hexdigest()
    failures = outcomes[1:]
    assert all(isinstance(failure, PictureFailure) for failure in failures)
    assert [failure.code for failure in failures] == [  # type: ignore[union-attr]
        FailureCode.UNREADABLE,
        FailureCode.MISSING,
        FailureCode.UNREADABLE,
        FailureCode.UNREADABLE,
    ]
    assert [failure.digest is None for failure in failures] == [False, True, False, False]


def test_the_same_bytes_are_embedded_once(
    embedder_of: Callable[..., PictureEmbedder], engine: CountingEngine, noise: Draw
) -> None:
    files = Files({"a": noise(1), "b": noise(1), "c": noise(2)})
    result = embedder_of(files.read).embed(["a", "b", "c", "a"])
    assert sum(engine.calls) == 2
    assert len(result.new) == 2
    first, second, other, again = result.outcomes
    assert first == second == again != other
    assert sorted(files.reads) == ["a", "b", "c"]


def test_known_embeddings_are_not_made_again(
    embedder_of: Callable[..., PictureEmbedder], engine: CountingEngine, noise: Draw
) -> None:
    files = Files({str(n): noise(n) for n in range(5)})
    known = embedder_of(files.read).embed(["0", "1", "2"]).new
    engine.calls.clear()
    embedder = embedder_of(files.read)
    with embedder.begin() as job:
        (block,) = embedder.read(list(files))
        found = job.add(block)
        job.decode_and_embed(found, {digest: known[digest] for digest in known})
        assert job.embeds_any([digest for digest in found if digest not in known])
        assert not job.embeds_any(list(known))
    result = job.result(list(files))
    assert sum(engine.calls) == 2
    assert len(result.new) == 2
    assert not result.new.keys() & known.keys()
    assert isinstance(result.outcomes[0], Embedded)
    assert result.outcomes[0].vector is known[result.outcomes[0].digest]


@pytest.mark.parametrize(("at_once", "calls"), [(None, [1] * 40), (16, [16, 16, 8])])
def test_many_pictures_are_embedded_as_the_engine_likes_and_in_their_order(
    embedder_of: Callable[..., PictureEmbedder],
    engine: CountingEngine,
    noise: Draw,
    at_once: int | None,
    calls: list[int],
) -> None:
    files = Files({str(n): noise(n) for n in range(40)})
    engine.pictures_at_once = at_once
    outcomes = embedder_of(files.read).embed(list(files)).outcomes
    assert engine.calls == calls
    for uri, outcome in zip(files, outcomes, strict=True):
        assert isinstance(outcome, Embedded)
        assert outcome.digest == sha256(files[uri]).hexdigest()
    for place in (0, 17, 39):
        outcome = outcomes[place]
        alone = embedder_of(files.read).embed([str(place)]).outcomes[0]
        assert isinstance(alone, Embedded) and isinstance(outcome, Embedded)
        np.testing.assert_array_equal(outcome.vector, alone.vector)


def test_pictures_that_hang_fail_as_timeout_and_the_others_go_on(
    embedder_of: Callable[..., PictureEmbedder], noise: Draw
) -> None:
    files = Files({str(n): noise(n) for n in range(6)})
    released = threading.Event()

    def read(uri: str) -> bytes:
        if uri in ("1", "2"):
            released.wait(20)
        return files.read(uri)

    outcomes = embedder_of(read).embed(list(files)).outcomes
    released.set()
    codes = [getattr(outcome, "code", None) for outcome in outcomes]
    assert codes == [None, FailureCode.TIMEOUT, FailureCode.TIMEOUT, None, None, None]


def test_reading_waits_for_decoding_where_files_are_large(
    embedder_of: Callable[..., PictureEmbedder],
    engine: CountingEngine,
    noise: Draw,
) -> None:
    size = HELD_BYTES // 4
    padding = bytes(size)  # decoders ignore what follows the picture
    files = Files({str(n): noise(n) for n in range(40)})
    most_ahead = 0

    def read(uri: str) -> bytes:
        nonlocal most_ahead
        data = files.read(uri) + padding
        most_ahead = max(most_ahead, len(files.reads) - len(engine.calls))
        return data

    outcomes = embedder_of(read).embed(list(files)).outcomes
    assert all(isinstance(outcome, Embedded) for outcome in outcomes)
    assert sorted(files.reads) == sorted(files)
    # Those that fill the room, those of the threads that read and decode, those of a block that
    # was handed over.
    assert most_ahead <= 14


def test_a_decoder_that_hangs_with_large_files_does_not_stop_reading(
    network: Network, noise: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Path(decoder.__file__)
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-P", str(program)))
    files = Files({str(n): noise(n) for n in range(6)})
    limits = DecodingLimits(PictureLimits(max_bytes=2 * HELD_BYTES), 2, 2**31)
    pictures = PictureEmbedder(
        network,
        Decoders(limits),
        lambda uri: files.read(uri) + bytes(HELD_BYTES) + HANGS * (uri == "0"),
        threads=2,
        timeout=20,
    )
    outcomes = pictures.embed(list(files)).outcomes
    codes = [getattr(outcome, "code", None) for outcome in outcomes]
    assert codes == [FailureCode.TIMEOUT, None, None, None, None, None]


def test_a_decoder_that_cannot_be_started_ends_the_job(
    network: Network, noise: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-P", "-c", "raise SystemExit(3)"))
    files = Files({str(n): noise(n) for n in range(6)})
    decoders = Decoders(DecodingLimits(PictureLimits(), 20, 2**31))
    pictures = PictureEmbedder(network, decoders, files.read, threads=2, timeout=20)
    with pytest.raises(DecoderError):
        pictures.embed(list(files))


def test_nothing_gives_nothing(embedder_of: Callable[..., PictureEmbedder]) -> None:
    result = embedder_of(Files({}).read).embed([])
    assert (result.outcomes, result.new) == ([], {})
