"""A reader types what the README and the pages say, in their order, and every command succeeds."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image
from skimage import data

from nophoto.models.records.database import Database
from nophoto.models.vision.references import shipped_references
from tests.pages import blocks

ROOT = Path(__file__).parents[2]
READER = Path(__file__).with_name("reader.sh")

RUNNING = """
nophoto up
for key in shop/item-17 photo/4711; do
    echo "$key"$'\\t'"$UPLOADS/photograph.jpg"
done | nophoto enqueue -
until_all_is_judged
"""
"""What a page takes for granted that is not about installing."""


def typed(page: str) -> list[str]:
    """The page's blocks of commands."""
    return blocks((ROOT / page).read_text(), "sh")


def lines(page: str) -> list[str]:
    """The page's commands, without comments."""
    commands = [line.split("#")[0].strip() for block in typed(page) for line in block.splitlines()]
    return [line for line in commands if line]


@pytest.fixture
def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the reader is: uploads below it, and the pictures that the pages name."""
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    tile = shipped_references()[0].data
    for name in ("logo.png", "new-tile.png", "uploads/tile.webp"):
        (tmp_path / name).write_bytes(tile)
    Image.fromarray(data.astronaut()).save(uploads / "photograph.jpg")
    return tmp_path


@pytest.fixture
def read(folder: Path, free_port: int) -> Callable[..., None]:
    """Types `before`, the blocks of a page and `after`, with what differs here put in."""

    def read(
        blocks: list[str], before: str = "", after: str = "", here: dict[str, str] | None = None
    ) -> None:
        script = "\n".join([READER.read_text(), before, *blocks, after])
        for theirs, ours in ({"/srv/uploads": str(folder / "uploads")} | (here or {})).items():
            script = script.replace(theirs, ours)
        known = {name: value for name, value in os.environ.items() if "NOPHOTO" not in name}
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env=known
            | {
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(folder),
                "NOPHOTO_HOME": str(folder / "home"),
                "NOPHOTO_ROOTS": str(folder / "uploads"),
                "UPLOADS": str(folder / "uploads"),
                "CONSOLE_PORT": str(free_port),
                "API_PORT": str(free_port),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=280,
        )
        assert done.returncode == 0, done.stdout

    return read


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The URL of an S3 server with the buckets that the pages name."""
    moto = ThreadedMotoServer("127.0.0.1", 0)
    moto.start()
    url = "http://{}:{}".format(*moto.get_host_and_port())
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    for bucket, key in {"bucket": "uploads/4711.jpg", "uploads": "4711.jpg"}.items():
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key=key, Body=shipped_references()[0].data)
    yield url
    moto.stop()


def test_from_nothing_to_a_report(read: Callable[..., None], folder: Path) -> None:
    start, asking, at_once, *_ = typed("docs/start.md")
    read([start, asking, "until_all_is_judged\n", asking, at_once])
    report = (folder / "report.html").read_text()
    assert "tile.webp" in report
    assert "photograph.jpg" in report


def test_the_readme_begins_as_the_five_minute_start_does() -> None:
    there = lines("docs/start.md")
    assert [line for line in lines("README.md") if line not in there] == ["make demo", "make test"]


@pytest.mark.slow
def test_what_the_readme_types_and_sends_works_as_it_stands(
    read: Callable[..., None], folder: Path
) -> None:
    shutil.copy(folder / "uploads/photograph.jpg", folder / "uploads/4711.jpg")
    (sending,) = blocks((ROOT / "README.md").read_text(), "python")
    sent = f"command python3 - <<'END'\n{sending}END\n"
    # Where the reader has set nothing, everything lies in the home.
    ask = "nophoto results --format jsonl | grep photo/4711 | grep real"
    judged = f"for i in $(seq 60); do {ask} && exit; sleep 1; done; cat up.log; exit 1"
    read([*typed("README.md"), sent], before="unset NOPHOTO_HOME", after=judged)
    assert (folder / "report.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_with_postgresql_and_s3(
    read: Callable[..., None], database: Database, broker_url: str, bucket: str
) -> None:
    *_, commands, asking = typed("docs/start.md")
    url = database.engine.url.render_as_string(hide_password=False)
    read(
        [commands, asking],
        before=f"export AWS_ENDPOINT_URL_S3={bucket}",
        after="until_all_is_judged\nnophoto results --verdict placeholder | grep 4711.jpg",
        here={
            "postgresql://nophoto:password@db/nophoto": f"'{url}'",
            "redis://:password@valkey:6379/0": broker_url,
        },
    )


@pytest.mark.slow
def test_storage(read: Callable[..., None], bucket: str) -> None:
    read(
        typed("docs/storage.md"),
        before=f"export AWS_ENDPOINT_URL_S3={bucket} AWS_DEFAULT_REGION=eu-central-1\n"
        "export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x\nNOPHOTO_ROOTS=s3://uploads nophoto up",
        after="until_all_is_judged\nnophoto results --verdict placeholder | grep 4711",
        here={"http://localhost:5000": bucket},
    )


@pytest.mark.slow
def test_what_pages_ask_of_a_system_that_runs(read: Callable[..., None]) -> None:
    pages = ("index", "rescoring", "moderator", "backend", "console", "metrics", "upgrade")
    read([block for page in pages for block in typed(f"docs/{page}.md")], before=RUNNING)


@pytest.mark.slow
def test_the_life_of_an_upload(read: Callable[..., None]) -> None:
    ended = 'nophoto results --format jsonl | { ! grep "photo/4711"; }'
    read(typed("docs/uploads.md"), before=RUNNING, after=ended)


@pytest.mark.slow
def test_collections(read: Callable[..., None]) -> None:
    kept = 'nophoto results --format jsonl --collection avatars | grep "face/1"'
    read(typed("docs/collections.md"), before=RUNNING, after=kept)


@pytest.mark.slow
def test_quality_and_what_is_new(read: Callable[..., None]) -> None:
    another = 'echo "shop/item-18"$\'\\t\'"$UPLOADS/tile.webp" | nophoto enqueue -\n'
    read(
        typed("docs/quality.md"),
        before=f"{RUNNING}\n{another}until_all_is_judged\nnophoto collections add shoes",
        after="nophoto references list --state quarantined | grep quarantined",
        here={"--quarantine 4711": "--quarantine 1 --force"},
    )


@pytest.mark.slow
def test_the_api_by_curl(read: Callable[..., None], folder: Path, free_port: int) -> None:
    tile = (folder / "uploads/tile.webp").read_bytes()
    for name in ("4711.jpg", "4712.jpg"):
        (folder / "uploads" / name).write_bytes(tile)
    asked = (
        'curl -s "http://127.0.0.1:8000/v1/uploads/photo%2F4711" -H "Authorization: Bearer $KEY"'
    )
    read(
        typed("docs/api.md"),
        before="nophoto up",
        after=f'until_all_is_judged\n{asked} | grep \'"verdict":"placeholder"\'',
        here={"127.0.0.1:8000": f"127.0.0.1:{free_port}"},
    )


def test_every_page_with_commands_is_read() -> None:
    here = Path(__file__).read_text()
    # Minutes of training: tests/jobs/versions/test_model.py and tests/models/vision/training.
    # What does not end: test_flower.py types it.
    elsewhere = {"models", "baseline-recipe", "operations"}
    for page in (ROOT / "docs").glob("*.md"):
        if typed(f"docs/{page.name}") and page.stem not in elsewhere:
            assert f'"{page.stem}"' in here or f"docs/{page.name}" in here, page.name
