"""The example platform against the whole system: what it uploads is judged, told and hidden."""

import base64
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from PIL import Image
from skimage import data

from nophoto.jobs.operations.api_keys import add_key
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.review import reviews
from nophoto.models.records.tables import Scope
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Verdict

ROOT = Path(__file__).parents[2]
SECRET = "whsec_" + base64.b64encode(b"between the shop and nophoto alone").decode()


class Shop:
    """The example's web application in a process of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def upload(self, product: int, picture: bytes) -> int:
        boundary = uuid4().hex
        body = (
            f"--{boundary}\r\nContent-Disposition: form-data; name=photo; filename=a.jpg\r\n\r\n"
        ).encode()
        body += picture + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        found = self.ask(f"/products/{product}/photos", body, {"content-type": kind})
        return int(found["id"])

    def shown(self, product: int) -> dict[int, str | None]:
        photos = self.ask(f"/products/{product}")["photos"]
        return {photo["id"]: photo["verdict"] for photo in photos}

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        method: str | None = None,
    ) -> Any:
        request = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["http", pytest.param("celery", marks=pytest.mark.slow)])
def door(
    request: pytest.FixtureRequest,
    installed: Database,
    environment: dict[str, str],
    broker_url: str,
    until: Callable[..., None],
    tmp_path: Path,
) -> Iterator[dict[str, str]]:
    """How the shop reaches nophoto: a server of the HTTP API, or the broker alone."""
    if request.param == "celery":
        yield {"SHOP_BROKER": broker_url}
        return
    scopes = [Scope.UPLOADS_WRITE, Scope.UPLOADS_ERASE]
    key = add_key(installed, "shop", scopes, by="tests").secret
    port = free_port()
    command = [sys.executable, "-m", "nophoto.jobs.cli", "api", "--no-score", "--port", str(port)]
    with subprocess.Popen(command, env=os.environ | environment, cwd=tmp_path) as server:
        try:
            until(lambda: is_open(port))
            yield {"SHOP_NOPHOTO": f"http://127.0.0.1:{port}", "SHOP_KEY": key}
        finally:
            server.kill()


@pytest.fixture
def shop(door: dict[str, str], pictures: Path, until: Callable[..., None]) -> Iterator[Shop]:
    port = free_port()
    environment = os.environ | door | {"SHOP_FOLDER": str(pictures), "SHOP_SECRET": SECRET}
    command = [sys.executable, "-m", "uvicorn", "--factory", "examples.shop.app:create_app"]
    with subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "warning"], cwd=ROOT, env=environment
    ) as server:
        try:
            until(lambda: is_open(port))
            yield Shop(f"http://127.0.0.1:{port}", pictures)
        finally:
            server.kill()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_shop_hides_placeholders_and_shows_what_a_moderator_says_is_none(
    shop: Shop,
    door: dict[str, str],
    installed: Database,
    environment: dict[str, str],
    start_worker: Callable[..., Any],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    tmp_path: Path,
) -> None:
    channel = {"NOPHOTO_WEBHOOK_URL": f"{shop.url}/nophoto", "NOPHOTO_WEBHOOK_SECRET": SECRET}
    photograph = tmp_path / "cat.jpg"
    Image.fromarray(data.chelsea()).save(photograph)
    with ExitStack() as stack:
        start_worker(**channel)
        sender = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "nophoto.jobs.cli", "notify"],
                env=os.environ | environment | channel,
                cwd=tmp_path,
            )
        )
        stack.callback(sender.kill)
        tile = shop.upload(1, shipped_references()[0].data)
        cat = shop.upload(1, photograph.read_bytes())
        broken = shop.upload(2, b"no picture")
        until(lambda: shop.shown(1) == {cat: "real"})
        until(lambda: rows()[f"shop/photo/{broken}"].failure == "unreadable")
        assert shop.shown(2) == {broken: None}

        with installed.transaction() as session:
            upload = rows()[f"shop/photo/{tile}"].id
            reviews.decide(session, [upload], Verdict.REAL, "ann")
        until(lambda: shop.shown(1) == {tile: "real", cat: "real"})

        shop.ask(f"/products/1/photos/{cat}", method="DELETE")
        assert shop.shown(1) == {tile: "real"}
        # By the broker alone nobody can erase.
        assert (f"shop/photo/{cat}" in rows()) == ("SHOP_BROKER" in door)
        shown = {tile}

    with pytest.raises(urllib.error.HTTPError, match="401"):
        forged = b'{"data":{"key":"shop/photo/2","verdict":"placeholder"},"sequence":99}'
        shop.ask("/nophoto", forged, {"webhook-id": "msg_1"})
    assert set(shop.shown(1)) == shown


def test_what_is_told_meets_its_schema(database, installed, rows, environment) -> None:
    from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters
    from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
    from nophoto.models.records.notifications import notices, outbox
    from nophoto.models.records.scoring import claims
    from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
    from nophoto.models.records.tables import Channel, Lane
    from nophoto.models.vocabulary import FailureCode
    from nophoto.worker.notifications.payload import message

    schema = json.loads((ROOT / "docs" / "schemas" / "notice.schema.json").read_text())
    validator = Draft202012Validator(schema)
    with installed.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])
        items = [NewUpload(key, f"/{key}.jpg") for key in ("a", "b", "c")]
        first, second, third = add_uploads(session, items, Lane.BULK).ids
        token = claims.claim(session, [first, second], 60).token
        parameters = ReasonParameters(allowed_id=1, name="logo.png", text="ours")
        reason = Reason(ReasonCode.ALLOWED_BYTES, parameters)
        judged = [Judged(first, "ab" * 32, Verdict.REAL, True, 0.5, 1, reason)]
        failed = [Failed(second, None, FailureCode.MISSING, "gone")]
        model = session.connection().exec_driver_sql("SELECT id FROM model_versions").scalar_one()
        record_outcomes(session, token, judged, failed, model, 1)
        decided = reviews.decide(session, [third], Verdict.PLACEHOLDER, "ann").made
        reviews.undo(session, [decided[0].review_id], "ann")
    with installed.transaction() as session:
        told = [message(each) for each in notices.claim(session, Channel.WEBHOOK, 10, 60)]
    for each in told:
        validator.validate(each)
    assert told[0]["data"]["reason"] == "is allowed picture 1 (logo.png): ours"
    assert told[0]["data"]["reason_code"] == "allowed-bytes"
    assert [each["type"] for each in told] == [
        "upload.judged",
        "upload.failed",
        "upload.judged",
        "upload.waiting",
    ]
