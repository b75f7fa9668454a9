"""PostgreSQL behind TLS: the wheel's is built without, so a real TLS server stands before it."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text

from nophoto.migrations import check
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.worker.settings import Settings
from tests.worker.tls import tls_before

SSL_REQUEST = bytes.fromhex("00000008 04d2162f")
"""What a client asks for TLS with; it begins after the answer `S`."""


def answer_request(client: socket.socket) -> None:
    if client.recv(8, socket.MSG_WAITALL) != SSL_REQUEST:
        raise OSError("the client does not ask for TLS")
    client.sendall(b"S")


@pytest.fixture
def port(postgres_url: str) -> Iterator[int]:
    folder = make_url(postgres_url).query["host"]
    with tls_before(f"{folder}/.s.PGSQL.5432", answer_request) as port:
        yield port


def url_of(template: str, port: int, authority: Path, database: str) -> str:
    url = f"postgresql://postgres@{template}".format(
        host=f"localhost:{port}/{database}",
        address=f"127.0.0.1:{port}/{database}",
        authority=authority,
    )
    return Settings(_env_file=None, database_url=SecretStr(url)).effective_database_url


def test_a_database_behind_tls_is_reached_by_settings_alone(
    port: int, authority: Path, migrated_postgres: str
) -> None:
    template = "{host}?sslmode=verify-full&sslrootcert={authority}"
    url = url_of(template, port, authority, migrated_postgres)
    check(url)
    with closing(Database(url)) as database, database.reading() as session:
        connection = session.connection().connection.driver_connection
        assert connection is not None
        assert connection.pgconn.ssl_in_use
        assert session.scalar(text("SELECT count(*) FROM uploads")) == 0


@pytest.mark.parametrize(
    "template",
    [
        "{host}?sslmode=verify-full",  # an authority that nobody knows
        "{address}?sslmode=verify-full&sslrootcert={authority}",  # another name
        "{host}?sslmode=disable",
    ],
)
def test_a_database_that_cannot_be_trusted_is_not_spoken_to(
    template: str, port: int, authority: Path, migrated_postgres: str
) -> None:
    url = url_of(template, port, authority, migrated_postgres)
    unreachable = pytest.raises(DatabaseUnreachableError)
    with closing(Database(url)) as database, unreachable, database.reading():
        pass


def test_a_server_without_tls_hears_nothing_but_the_question(authority: Path) -> None:
    said = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(8, socket.MSG_WAITALL)
                client.sendall(b"N")
                said.append(client.recv(1000))

        server = Thread(target=answer)
        server.start()
        port = listener.getsockname()[1]
        template = "{host}?sslmode=verify-full&sslrootcert={authority}"
        url = url_of(template, port, authority, "postgres")
        unreachable = pytest.raises(DatabaseUnreachableError)
        with closing(Database(url)) as database, unreachable, database.reading():
            pass
        server.join()
    assert said == [b""]
