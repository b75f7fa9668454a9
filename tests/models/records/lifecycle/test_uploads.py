from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import MAX_KEY, MAX_URI, NewUpload, add_uploads
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vocabulary import RefusalCode

ITEMS = st.lists(
    st.builds(
        NewUpload,
        key=st.one_of(st.sampled_from("abc"), st.text(max_size=4)),
        uri=st.sampled_from(["/1.jpg", "/2.jpg", ""]),
        version=st.sampled_from([None, 1, 2]),
    ),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ITEMS, second=ITEMS)
def test_items_count_one_after_the_other_and_an_older_version_never_replaces_a_newer(
    database: Database, first: list[NewUpload], second: list[NewUpload]
) -> None:
    with database.transaction() as session:
        session.execute(Upload.__table__.delete())
        expected: dict[str, tuple[str, int | None]] = {}
        for items in (first, second):
            wanted = [_follow(expected, item) for item in items]
            added = add_uploads(session, items, Lane.BULK)
            assert [each.outcome for each in added.outcomes] == wanted
            assert len(added.ids) <= added.new + added.replaced
        rows = session.execute(select(Upload.key, Upload.uri, Upload.version))
        assert {key: (uri, version) for key, uri, version in rows} == expected


def _follow(expected: dict[str, tuple[str, int | None]], item: NewUpload) -> str:
    """What becomes of one item by the documentation, and what stands then."""
    if not item.key or not item.uri or "\0" in item.key:
        return "refused"
    if item.key not in expected:
        expected[item.key] = item.uri, item.version
        return "new"
    uri, version = expected[item.key]
    if item.version is not None and (version or 0) > item.version:
        return "refused"
    if item.uri == uri and (item.version is None or item.version == version):
        return "known"
    expected[item.key] = item.uri, item.version if item.version is not None else version
    return "replaced"


def test_enqueueing_again_adds_nothing(database: Database) -> None:
    items = [NewUpload(f"key {number}", f"/{number}.jpg") for number in range(3_000)]
    with database.transaction() as session:
        ids = add_uploads(session, items, Lane.BULK).ids
    with database.transaction() as session:
        again = add_uploads(session, items, Lane.INTERACTIVE)
    assert len(set(ids)) == 3_000
    assert (again.ids, again.known, again.refused) == ([], 3_000, [])


def test_a_new_upload_waits_in_its_lane(database: Database) -> None:
    with database.transaction() as session:
        add_uploads(session, [NewUpload("a", "/a.jpg")], Lane.INTERACTIVE)
    with database.reading() as session:
        upload = session.scalars(select(Upload)).one()
    assert (upload.lane, upload.state, upload.attempts) == (
        Lane.INTERACTIVE,
        UploadState.QUEUED,
        0,
    )
    assert upload.created_at.tzinfo is not None


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (NewUpload("", "/a.jpg"), "the key is empty"),
        (NewUpload("a", ""), "the URI is empty"),
        (NewUpload("a" * (MAX_KEY + 1), "/a.jpg"), "at most 512"),
        (NewUpload("a", "/" * (MAX_URI + 1)), "at most 4096"),
        (NewUpload("a\0", "/a.jpg"), "NUL"),
        (NewUpload("a", "/a\0.jpg"), "NUL"),
        (NewUpload("a", "/\udcff.jpg"), "not valid Unicode"),
    ],
)
def test_what_no_database_can_hold_is_refused_with_a_reason_and_harms_no_other(
    database: Database, item: NewUpload, reason: str
) -> None:
    with database.transaction() as session:
        added = add_uploads(session, [item, NewUpload("sound", "/b.jpg")], Lane.BULK)
    assert len(added.ids) == 1
    assert [refused.key for refused in added.refused] == [item.key]
    assert reason in added.refused[0].reason


def test_the_longest_key_and_uri_are_taken(database: Database) -> None:
    item = NewUpload("\N{EARTH GLOBE EUROPE-AFRICA}" * MAX_KEY, "/" * MAX_URI)
    with database.transaction() as session:
        assert len(add_uploads(session, [item], Lane.BULK).ids) == 1


@pytest.mark.parametrize(
    ("version", "reason"),
    [(-1, "whole number"), (2**63, "whole number"), (True, "whole number"), ("3", "whole number")],
)
def test_a_version_that_is_no_number_is_refused(
    database: Database, version: object, reason: str
) -> None:
    with database.transaction() as session:
        added = add_uploads(session, [NewUpload("a", "/a.jpg", version)], Lane.BULK)  # type: ignore[arg-type]
    assert added.refused[0].code == RefusalCode.VERSION
    assert reason in added.refused[0].reason


@pytest.mark.parametrize(
    "metadata",
    [{"a": float("nan")}, {"a": "\0"}, {"a": "\udcff"}, {"a": {1, 2}}, ["a"], {"a": "x" * 5_000}],
)
def test_metadata_that_no_database_can_hold_is_refused(
    database: Database, metadata: object
) -> None:
    with database.transaction() as session:
        added = add_uploads(session, [NewUpload("a", "/a.jpg", None, metadata)], Lane.BULK)  # type: ignore[arg-type]
    assert added.refused[0].code == RefusalCode.METADATA


def test_metadata_is_kept_and_stays_where_a_replacement_brings_none(database: Database) -> None:
    with database.transaction() as session:
        items = [
            NewUpload("a", "/a.jpg", metadata={"user": "Zoë", "tags": [1, None]}),
            NewUpload("b", "/b.jpg"),
        ]
        add_uploads(session, items, Lane.BULK)
        add_uploads(session, [NewUpload("a", "/2.jpg"), NewUpload("b", "/2.jpg")], Lane.BULK)
        rows = dict(session.execute(select(Upload.key, Upload.platform_metadata)).all())
    assert rows == {"a": {"user": "Zoë", "tags": [1, None]}, "b": None}


def test_callers_with_the_same_keys_at_once_add_each_key_once(database: Database) -> None:
    items = [NewUpload(f"key {number}", f"/{number}.jpg") for number in range(500)]

    def enqueue(turned: bool) -> int:
        with database.transaction() as session:
            return len(add_uploads(session, items[:: -1 if turned else 1], Lane.BULK).ids)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(enqueue, [False, True, False, True])) == 500


@pytest.mark.parametrize(
    "uri",
    [
        "https://me:s3cret@host/a.jpg",
        "https://host/a.jpg?size=1&X-Amz-Signature=s3cret",
        "https://host/a.jpg?sig=s3cret",
        "s3://key:s3cret@bucket/a.jpg",
    ],
)
def test_credentials_are_refused_and_not_repeated(database: Database, uri: str) -> None:
    with database.transaction() as session:
        added = add_uploads(session, [NewUpload("a", uri), NewUpload(uri, uri)], Lane.BULK)
    assert added.ids == []
    assert len(added.refused) == 2
    assert "s3cret" not in repr(added)


@pytest.mark.parametrize(
    "uri",
    ["/a@b:c/x?sig=1", "https://host/a:b@c.jpg?design=1", "s3://bucket/me@host:1/a.jpg"],
)
def test_what_only_looks_a_little_like_credentials_is_taken(database: Database, uri: str) -> None:
    with database.transaction() as session:
        assert add_uploads(session, [NewUpload("a", uri)], Lane.BULK).ids


def test_what_became_of_each_item_is_told_in_the_order_in_which_they_were_sent(
    database: Database,
) -> None:
    with database.transaction() as session:
        add_uploads(session, [NewUpload("there", "/there.jpg")], Lane.BULK)
        added = add_uploads(
            session,
            [
                NewUpload("z", "/z.jpg"),
                NewUpload("", "/empty.jpg"),
                NewUpload("there", "/there.jpg"),
                NewUpload("a", "/a.jpg"),
                NewUpload("z", "/z.jpg"),
                NewUpload("there", "/elsewhere.jpg"),
                NewUpload("there", "/elsewhere.jpg", version=4),
                NewUpload("there", "/older.jpg", version=3),
            ],
            Lane.BULK,
        )
    assert [(each.key, each.outcome) for each in added.outcomes] == [
        ("z", "new"),
        ("", "refused"),
        ("there", "known"),
        ("a", "new"),
        ("z", "known"),
        ("there", "replaced"),
        ("there", "replaced"),
        ("there", "refused"),
    ]
    assert [each.reason is not None for each in added.outcomes] == [
        each.outcome == "refused" for each in added.outcomes
    ]
