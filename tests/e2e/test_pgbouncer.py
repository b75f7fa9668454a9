"""The whole way of an upload behind PgBouncer in transaction mode."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, text

from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.migrations import check, upgrade
from nophoto.models.records import runs
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes import results
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.tables import Lane, RunState, UploadState
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.broker.app import create_app
from nophoto.worker.dispatch.runs import request_rescore
from nophoto.worker.settings import Settings
from tests.pgbouncer import SERVER_CONNECTIONS, pgbouncer

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def port(postgres_url: str) -> Iterator[int]:
    with pgbouncer(postgres_url) as port:
        yield port


@pytest.fixture
def pooled(database: Database, port: int) -> Iterator[Database]:
    """The same database, behind PgBouncer."""
    with closing(Database(url_behind(port, str(database.engine.url.database)))) as pooled:
        yield pooled


def url_behind(port: int, name: str) -> str:
    return f"postgresql://postgres@127.0.0.1:{port}/{name}"


def test_tables_are_made_and_checked(postgres_url: str, port: int, database: Database) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE behind_pgbouncer")
    upgrade(url_behind(port, "behind_pgbouncer"))
    check(url_behind(port, "behind_pgbouncer"))
    upgrade(url_behind(port, "behind_pgbouncer"))


def test_timeouts_hold_in_each_transaction_and_are_left_in_no_connection(
    pooled: Database, port: int
) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    def timeouts(open_session: Callable[[], object]) -> list[str]:
        with open_session() as session:  # type: ignore[attr-defined]
            return [session.scalar(text(f"SHOW {name}")) for name in names]

    assert timeouts(pooled.transaction) == ["1min", "10s", "1min"]
    assert timeouts(pooled.reading) == ["1min", "10s", "0"]
    url = url_behind(port, str(make_url(str(pooled)).database))
    for _ in range(2 * SERVER_CONNECTIONS):
        with psycopg.connect(url, autocommit=True) as other:
            assert [other.execute(f"SHOW {name}").fetchone() for name in names] == [("0",)] * 3


def test_many_clients_share_few_connections(pooled: Database) -> None:
    def ask(number: int) -> int:
        with closing(Database(pooled.engine.url.render_as_string(False))) as client:
            for _ in range(20):  # psycopg would prepare the statement at the sixth time
                with client.transaction() as session:
                    found = session.scalar(text("SELECT :number + 0"), {"number": number})
                assert found == number
            return number

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(ask, range(48))) == list(range(48))


def test_what_the_url_asks_of_the_server_is_refused_with_its_remedy(
    port: int, database: Database
) -> None:
    url = f"{url_behind(port, str(database.engine.url.database))}?options=-csearch_path%3Dshop"
    remedy = pytest.raises(DatabaseUnreachableError, match="Take it out of NOPHOTO_DATABASE_URL")
    with closing(Database(url)) as refused, remedy, refused.reading():
        pass


def test_uploads_are_judged_and_rescored_by_several_processes(
    pooled: Database,
    installed: Database,
    settings: Settings,
    start_worker: Callable[..., Any],
    make_pictures: Callable[[int], dict[str, str]],
    until: Callable[..., None],
) -> None:
    url = pooled.engine.url.render_as_string(hide_password=False)
    others = {"NOPHOTO_DATABASE_URL": url, "NOPHOTO_PICTURE_TIMEOUT": "20"}
    worker = start_worker(**others, NOPHOTO_PROCESSES="2")
    app = create_app(settings)
    items = [NewUpload(key, uri) for key, uri in make_pictures(60).items()]
    enqueue(pooled, app, items, Lane.BULK, chunk_size=settings.chunk_size)

    def states() -> dict[str, UploadState]:
        with pooled.reading() as session:
            return {row.key: row.state for row in results.find(session)}

    def logs() -> str:
        return str(worker.log.read_text())

    done = {UploadState.JUDGED, UploadState.FAILED}
    until(lambda: len(states()) == 60 and set(states().values()) <= done, explain=logs)
    with pooled.reading() as session:
        rows = list(results.find(session))
    failures = Counter(row.failure for row in rows)
    assert failures == {None: 48, FailureCode.UNREADABLE: 6, FailureCode.MISSING: 6}

    run_id = request_rescore(pooled, app, RescoreParameters(), "a test")

    def run_state() -> RunState:
        with pooled.reading() as session:
            return runs.get(session, run_id).state

    until(lambda: run_state() == RunState.DONE, explain=logs)
    assert "prepared statement" not in logs()
