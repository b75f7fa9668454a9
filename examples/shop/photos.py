"""The shop's own table of photos, in SQLite."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLE = """
CREATE TABLE IF NOT EXISTS photos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    product INTEGER NOT NULL,
    path TEXT NOT NULL,
    -- What nophoto said last: NULL until it has said anything.
    verdict TEXT,
    -- Of what it said last, so that an older notice that comes late changes nothing.
    sequence INTEGER NOT NULL DEFAULT 0,
    -- Whether nophoto was asked: set once it has taken the photo, or refused it.
    asked INTEGER NOT NULL DEFAULT 0
)
"""


class Photos:
    """The photos of the shop.

    Args:
        file: of the database.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._connected() as connection:
            connection.execute(_TABLE)

    def add(self, product: int, path: Path) -> int:
        """Store a photo of a product, and return its id."""
        with self._connected() as connection:
            statement = "INSERT INTO photos (product, path) VALUES (?, ?)"
            return int(connection.execute(statement, (product, str(path))).lastrowid or 0)

    def unasked(self, most: int) -> list[tuple[int, str]]:
        """Ids and paths of photos that nophoto was not asked about yet, the oldest first."""
        query = "SELECT id, path FROM photos WHERE NOT asked ORDER BY id LIMIT ?"
        with self._connected() as connection:
            return list(connection.execute(query, (most,)))

    def mark_asked(self, photos: Iterable[int]) -> None:
        """Note that nophoto was asked."""
        with self._connected() as connection:
            statement = "UPDATE photos SET asked = 1 WHERE id = ?"
            connection.executemany(statement, [(photo,) for photo in photos])

    def path_of(self, product: int, photo: int) -> str | None:
        """Where a photo of a product is; None where there is none."""
        query = "SELECT path FROM photos WHERE product = ? AND id = ?"
        with self._connected() as connection:
            row = connection.execute(query, (product, photo)).fetchone()
        return str(row[0]) if row else None

    def delete(self, photo: int) -> None:
        """Delete a photo."""
        with self._connected() as connection:
            connection.execute("DELETE FROM photos WHERE id = ?", (photo,))

    def judge(self, photo: int, verdict: str | None, sequence: int) -> None:
        """Note a verdict, unless a newer one is known: notices may come twice, and out of order."""
        statement = "UPDATE photos SET verdict = ?, sequence = ? WHERE id = ? AND sequence < ?"
        with self._connected() as connection:
            connection.execute(statement, (verdict, sequence, photo, sequence))

    def of(self, product: int) -> list[dict[str, Any]]:
        """The photos of a product that may be shown: all but placeholders."""
        query = (
            "SELECT id, verdict FROM photos WHERE product = ? AND verdict IS NOT 'placeholder' "
            "ORDER BY id"
        )
        with self._connected() as connection:
            rows = connection.execute(query, (product,))
            return [{"id": photo, "verdict": verdict} for photo, verdict in rows]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, timeout=30)
        try:
            with connection:
                yield connection
        finally:
            connection.close()
