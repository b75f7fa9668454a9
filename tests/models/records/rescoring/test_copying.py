import numpy as np
import pytest
from sqlalchemy import BigInteger, LargeBinary, func, literal, select

from nophoto.models.records.database import Database
from nophoto.models.records.rescoring import copying
from nophoto.models.records.rescoring.copying import Column, RowSizeError

COLUMNS = [Column("number", "int8send", ">i8"), Column("pair", "byteasend", "<f2", (2,))]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("count", [0, 1, 1_000])
def test_columns_are_read_as_arrays_whose_rows_belong_together(
    database: Database, count: int
) -> None:
    number = func.generate_series(1, count, type_=BigInteger).column_valued("number")
    pair = func.decode(func.lpad(func.to_hex(number), 8, "0"), "hex", type_=LargeBinary)
    with database.reading() as session:
        found = copying.read(session, select(number, pair.label("pair")), COLUMNS)
    assert found["number"].tolist() == list(range(1, count + 1))
    assert found["pair"].shape == (count, 2)
    assert found["pair"].tobytes() == np.arange(1, count + 1, dtype=">u4").tobytes()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_value_of_another_size_is_refused(database: Database) -> None:
    query = select(literal(1, BigInteger).label("number"), literal(b"abc").label("pair"))
    with database.reading() as session, pytest.raises(RowSizeError, match="3 bytes of pair"):
        copying.read(session, query, COLUMNS)
