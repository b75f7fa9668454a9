import os
import sys
import time

import pytest

from tests.fuzz import fuzzer
from tests.fuzz.fuzzer import fuzz
from tests.fuzz.mutations import mutate, seeds


def test_every_allowed_format_is_mutated():
    from io import BytesIO

    from PIL import Image

    from nophoto.models.vision.pictures.formats import FORMATS

    kinds = {Image.open(BytesIO(data)).format for data in seeds()}
    assert set(FORMATS) <= kinds | {"HEIF"}


def test_mutations_repeat_by_their_seed():
    import numpy as np

    files = seeds()
    first = [mutate(np.random.default_rng(5), files) for _ in range(2)]
    assert first[0] == first[1]
    assert first[0] not in files


def test_two_thousand_mutated_pictures_end_as_pixels_or_as_a_coded_failure():
    found = fuzz(2_000, seed=7)
    assert found.is_clean, found.escapes[:3]
    assert found.outcomes["pixels"] > 100
    assert found.outcomes["unreadable"] > 100
    assert found.peak < 1 << 30


@pytest.mark.parametrize(
    ("does", "where"),
    [
        (lambda: os.abort(), "crash"),
        (lambda: time.sleep(60), "hang"),
        (lambda: sys.exit(1), "escape"),
    ],
)
def test_the_fuzzer_sees_what_it_looks_for(does, where, monkeypatch):
    # In this process's place: a child that is forked inherits the loader that misbehaves.
    import multiprocessing

    from nophoto.models.vision.pictures import prepare

    monkeypatch.setattr(prepare, "load", lambda *_: does())
    context = multiprocessing.get_context("fork")
    monkeypatch.setattr(fuzzer.multiprocessing, "get_context", lambda _: context)
    monkeypatch.setattr(fuzzer, "HANGS_AFTER", 0.5)
    monkeypatch.setattr(fuzzer, "MEMORY", 1 << 40)
    child = fuzzer._Child()
    outcome, _ = child.load(b"data")
    # Forked, it holds our end of its pipe as well, and would serve on after this process.
    child.kill()
    assert outcome.startswith(where)
