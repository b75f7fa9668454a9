"""Importing a package without a part of it that takes long and that nothing here uses."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_out(*modules: str) -> Iterator[None]:
    """Have `modules` count as not installed while the block imports what would load them.

    Only for modules that the importing package does without where they are missing. They can be
    imported after the block; those that are loaded already stay.
    """
    missing = [name for name in modules if name not in sys.modules]
    # What Python itself documents: an entry of None makes an import fail at once.
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
