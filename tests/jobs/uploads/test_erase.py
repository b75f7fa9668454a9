"""What is erased is nowhere afterwards, whatever was in flight."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Event, Thread

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import LargeBinary, select

from nophoto.jobs.uploads.erase import erase
from nophoto.models.records import clock, runs
from nophoto.models.records.access import audit
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle import erasing, refusals
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.matching import allow_list, cohort
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.notifications import outbox
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.rescoring import (
    Changes,
    RescoreParameters,
    Scope,
    changes,
    read_block,
)
from nophoto.models.records.review import review_leases, reviews
from nophoto.models.records.scoring import claims
from nophoto.models.records.tables import (
    Base,
    Channel,
    CohortPicture,
    Embedding,
    ErasedKey,
    Lane,
    Run,
    RunChange,
    RunKind,
    Upload,
)
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import RefusalCode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.context import WorkerContext
from nophoto.worker.maintenance.erasures import complete_erasures
from nophoto.worker.maintenance.pruning import prune
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage
from nophoto.worker.tasks.uploads import register
from tests.parts import pipeline_of

KEY = "customer 4711 äöü"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(installed: Database, pictures: Path, tmp_path: Path) -> Settings:
    url = installed.engine.url.render_as_string(hide_password=False)
    return Settings(
        _env_file=None, home=tmp_path / "home", database_url=url, roots=(str(pictures),)
    )


def noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def send(installed: Database, pictures: Path) -> Callable[..., list[int]]:
    """Enqueues uploads by key, with the bytes that lie there."""

    def send(**files: bytes) -> list[int]:
        items = []
        for number, (key, data) in enumerate(files.items()):
            place = pictures / f"{sha256(key.encode()).hexdigest()[:8]}-{number}.png"
            place.write_bytes(data)
            items.append(NewUpload(key, str(place), metadata={"owner": key}))
        with installed.transaction() as session:
            return add_uploads(session, items, Lane.BULK).ids

    return send


def places(database: Database, folder: Path, *wanted: str) -> list[str]:
    """Every table and every file below `folder` that holds one of some texts."""
    found = []
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            columns = [c for c in table.c if not isinstance(c.type, LargeBinary)]
            for row in session.execute(select(*columns)):
                found += [table.name for text in wanted if text in repr(tuple(row))]
    for file in folder.rglob("*"):
        if file.is_file():
            held = file.read_bytes() + str(file).encode()
            found += [str(file) for text in wanted if text.encode() in held]
    return found


def test_key_and_digest_are_nowhere_afterwards_and_the_audit_says_who(
    installed: Database, settings: Settings, send, tmp_path: Path
) -> None:
    data, other = noise(1), noise(2)
    digest = sha256(data).hexdigest()
    with installed.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])
    ids = send(**{KEY: data, "stays": other})
    pipeline_of(installed, settings).score_chunk(ids)
    copy = settings.home_folder / "runs" / "1" / "data" / "learnt" / "real" / digest
    kept = copy.with_name(sha256(other).hexdigest())
    copy.parent.mkdir(parents=True)
    copy.write_bytes(data)
    kept.write_bytes(other)
    with installed.transaction() as session:
        reviews.decide(session, ids, Verdict.REAL, "ann", note="both")
        uri = session.get_one(Upload, ids[0]).uri
        run_id = runs.request(session, RunKind.RETRAIN, {}, "ann")
        run = session.get_one(Run, run_id)
        run.result = {"unreadable_files": {uri: "gone", "/other.jpg": "gone"}}
        session.add(_change(run_id, ids[0]))
        asked = RescoreParameters(ResultFilter(keys=[KEY, "stays"])).as_dict()
        rescoring = runs.request(session, RunKind.RESCORE, asked, "ann")
        review_leases.take(session, [digest], "ann")
        model = session.get_one(Upload, ids[0]).model_version_id or ""
        assert cohort.refresh(session, model, Random(1)).added == 2
    assert len(places(installed, tmp_path, KEY, digest)) > 5
    done = erase(installed, settings, [KEY, "nobody's"], by="dpo@shop.example")
    assert (done.erased, done.unknown, done.kept) == ([KEY], ["nobody's"], [])
    for database in (installed, Database(settings.effective_database_url)):
        assert places(database, settings.home_folder, KEY, digest, uri) == []
    if installed.file is not None:
        installed.close()
        assert places(installed, installed.file.parent / "nothing", KEY) == []
        for part in installed.file.parent.glob(f"{installed.file.name}*"):
            assert KEY.encode() not in part.read_bytes(), part
            assert digest.encode() not in part.read_bytes(), part
    with installed.reading() as session:
        (entry,) = audit.entries(session, limit=10)
        assert (entry.action, entry.by) == ("erase", "dpo@shop.example")
        assert entry.details == {"uploads": 1}
        assert session.scalars(select(RunChange)).all() == []
        assert session.get_one(Run, run_id).result == {"unreadable_files": {"/other.jpg": "gone"}}
        assert session.get_one(Run, rescoring).parameters["filters"]["keys"] == [
            "an erased upload",
            "stays",
        ]
        # The other upload lost nothing.
        assert session.scalars(select(Upload.key)).all() == ["stays"]
        assert session.scalars(select(CohortPicture.digest)).all() == [kept.name]
    assert kept.exists()


def _change(run_id: int, upload_id: int) -> RunChange:
    from datetime import UTC, datetime

    return RunChange(
        run_id=run_id,
        upload_id=upload_id,
        judged_at=datetime.now(UTC),
        was_placeholder=False,
        is_placeholder=True,
        needs_review=False,
    )


def test_an_embedding_stays_for_another_upload_of_the_same_bytes(
    installed: Database, settings: Settings, send
) -> None:
    data = noise(3)
    ids = send(one=data, two=data)
    pipeline_of(installed, settings).score_chunk(ids)
    digest = sha256(data).hexdigest()
    erase(installed, settings, ["one"], by="ann")
    with installed.reading() as session:
        assert digest in set(session.scalars(select(Embedding.digest)))
    erase(installed, settings, ["two"], by="ann")
    with installed.reading() as session:
        assert digest not in set(session.scalars(select(Embedding.digest)))


class _Waits(Storage):
    """Reads as usual, once it is let."""

    def __init__(self, inner: Storage) -> None:
        self._inner = inner
        self.reading, self.go_on = Event(), Event()

    def read(self, uri: str) -> bytes:
        data = self._inner.read(uri)
        self.reading.set()
        assert self.go_on.wait(60)
        return data


def test_a_worker_that_judges_it_at_this_moment_brings_nothing_back(
    installed: Database, settings: Settings, send, tmp_path: Path
) -> None:
    from nophoto.worker.storage.storage import storage_of

    data = noise(4)
    ids = send(**{KEY: data, "stays": noise(5)})
    storage = _Waits(storage_of(settings))
    reports = []
    pipeline = pipeline_of(installed, settings, storage=storage)
    judging = Thread(target=lambda: reports.append(pipeline.score_chunk(ids)))
    judging.start()
    assert storage.reading.wait(60)
    assert erase(installed, settings, [KEY], by="ann").erased == [KEY]
    storage.go_on.set()
    judging.join(60)
    assert reports[0].written == 1
    assert places(installed, settings.home_folder, KEY, sha256(data).hexdigest()) == []
    # Nor does its message, which may come again.
    assert pipeline.score_chunk(ids).claimed == 0


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Callable[[object, str], None]:
    """Lets a process end as by kill -9 where it calls a function."""

    class Killed(BaseException):
        pass

    def end(owner: object, name: str) -> None:
        def die(*_: object, **__: object) -> None:
            raise Killed

        monkeypatch.setattr(owner, name, die)

    end.Killed = Killed  # type: ignore[attr-defined]
    return end


@pytest.mark.parametrize("step", ["_erase_notices", "_erase_names", "forget"])
def test_what_ends_in_the_middle_has_erased_nothing(
    installed: Database, settings: Settings, send, ended, step: str
) -> None:
    ids = send(**{KEY: noise(6)})
    pipeline_of(installed, settings).score_chunk(ids)
    before = _rows(installed)
    ended(erasing, step)
    with pytest.raises(ended.Killed):
        erase(installed, settings, [KEY], by="ann")
    assert _rows(installed) == before


def _rows(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: len(session.execute(select(table)).all())
            for table in Base.metadata.sorted_tables
        }


def test_a_sweep_completes_what_ended_before_the_copies_were_gone(
    installed: Database, settings: Settings, send, ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = noise(7)
    ids = send(**{KEY: data})
    pipeline_of(installed, settings).score_chunk(ids)
    copy = settings.home_folder / "runs/9/data.part/held-out/real" / sha256(data).hexdigest()
    copy.parent.mkdir(parents=True)
    copy.write_bytes(data)
    from nophoto.jobs.uploads import erase as module

    with monkeypatch.context() as patched:
        patched.setattr(module, "complete_erasures", lambda *_: None)
        erase(installed, settings, [KEY], by="ann")
    assert copy.exists()
    complete_erasures(installed, settings)
    assert not copy.exists()


def test_a_message_that_was_sent_before_brings_nothing_back(
    installed: Database, settings: Settings, send, broker_url: str, pictures: Path
) -> None:
    """Nobody had taken it in; by the doors that answer at once, the key may be used again."""
    send(**{KEY: noise(14)})
    settings = settings.model_copy(update={"broker_url": SecretStr(broker_url)})
    context = WorkerContext(settings)
    app = create_app(settings)
    register(app, context)
    message = [{"key": key, "uri": str(pictures / "a.png")} for key in (KEY, "waits", "other")]
    assert erase(installed, settings, [KEY, "waits"], by="ann").unknown == ["waits"]
    app.tasks["nophoto.score"].run(message)
    with installed.reading() as session:
        assert session.scalars(select(Upload.key)).all() == ["other"]
        assert refusals.counts(session)[RefusalCode.ERASED] == 2
    assert places(installed, settings.home_folder, KEY, "waits") == []
    with installed.transaction() as session:
        assert add_uploads(session, [NewUpload(KEY, "/b.png")], Lane.BULK).new == 1


def test_erased_keys_are_forgotten_in_time(
    installed: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(installed, settings, [KEY], by="ann")
    long_ago = clock.now

    def erased() -> bool:
        with installed.transaction() as session:
            item = NewUpload(KEY, "/a.png")
            return bool(add_uploads(session, [item], Lane.BULK, erased_days=7).refused)

    def noted() -> int:
        with installed.reading() as session:
            return len(session.scalars(select(ErasedKey)).all())

    prune(installed, settings)
    assert (erased(), noted()) == (True, 1)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda session: long_ago(session) + timedelta(days=8))
        assert not erased()
        prune(installed, settings)
    assert noted() == 0
    unnoted = settings.model_copy(update={"erased_days": 0.0})
    erase(installed, unnoted, [KEY], by="ann")
    assert noted() == 0


def test_a_message_and_an_erasure_at_once_leave_nothing(
    installed: Database, settings: Settings
) -> None:
    """Whichever comes first: taken in and erased, or erased and refused."""
    keys = [f"race {n}" for n in range(20)]

    def take_in(key: str) -> None:
        with installed.transaction() as session:
            add_uploads(session, [NewUpload(key, "/a.png")], Lane.BULK, erased_days=7)

    with ThreadPoolExecutor(2) as threads:
        for key in keys:
            both = [
                threads.submit(take_in, key),
                threads.submit(erase, installed, settings, [key], by="ann"),
            ]
            for each in both:
                each.result(60)
    with installed.reading() as session:
        assert session.scalars(select(Upload.key)).all() == []


def test_a_rescoring_that_had_read_it_keeps_nothing_of_it(
    installed: Database, settings: Settings, send
) -> None:
    ids = send(**{KEY: noise(12), "stays": noise(13)})
    pipeline_of(installed, settings).score_chunk(ids)
    with installed.transaction() as session:
        run_id = runs.request(session, RunKind.RESCORE, {}, "ann")
        model = model_versions.active(session)
        assert model
        block = read_block(session, Scope(ResultFilter(), model.id, model.dimension), *ids)
    erase(installed, settings, [KEY], by="ann")
    nothing = np.zeros(len(block), np.bool_)
    found = Changes(
        block.ids,
        block.judged_at,
        nothing,
        ~nothing,
        nothing,
        *(block.similarity, block.similarity, block.score, block.score),
        *(block.nearest, block.nearest),
        {},
    )
    with installed.transaction() as session:
        changes.keep(session, run_id, [ids], found)
        assert session.scalars(select(RunChange.upload_id)).all() == ids[1:]


def test_a_picture_of_the_allow_list_stays_there_under_no_key(
    installed: Database, settings: Settings, send
) -> None:
    data = noise(8)
    digest = sha256(data).hexdigest()
    ids = send(**{KEY: data})
    pipeline_of(installed, settings).score_chunk(ids)
    with installed.transaction() as session:
        allow_list.add(session, [NewAllowedPicture(digest, KEY, "our logo")])
    assert erase(installed, settings, [KEY], by="ann").kept == [digest]
    assert places(installed, settings.home_folder, KEY) == []
    with installed.reading() as session:
        (member,) = allow_list.active(session).members
        assert member.digest == digest


def test_a_late_verdict_by_hand_is_void(installed: Database, settings: Settings, send) -> None:
    ids = send(**{KEY: noise(9)})
    with installed.transaction() as session:
        held = claims.claim(session, ids, 60)
    erase(installed, settings, [KEY], by="ann")
    with installed.transaction() as session:
        assert claims.renew(session, held.token, 60) == 0
        assert claims.release(session, held.token) == []


def test_the_commands(installed: Database, cli, send) -> None:
    send(one=noise(10), two=noise(11))
    done = cli("erase", "-", "--json", stdin="one\ntwo\nthree\n")
    assert done.exit_code == 1
    assert '"three"' in done.stdout
    assert cli("erase", "one").exit_code == 1
    shown = cli("audit", "--json").stdout
    assert '"uploads": 2' in shown
    assert "one" not in shown


@pytest.fixture(autouse=True)
def _nothing_else_in_the_home(settings: Settings) -> Iterator[None]:
    settings.home_folder.mkdir(parents=True, exist_ok=True)
    yield
