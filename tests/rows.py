"""What is known of uploads, as tests look at it."""

from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultRow


def rows_of(database: Database) -> dict[str, ResultRow]:
    """Every upload by its key."""
    with database.reading() as session:
        return {row.key: row for row in results.find(session)}
