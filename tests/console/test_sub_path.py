"""The console behind nginx and Caddy, on other ports and below a path, as the page on it says."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, Response
from skimage import data

from nophoto.worker.settings import Settings
from tests.console.browsing import TIMEOUT_MS
from tests.console.gradio import Tab
from tests.console.serving import PASSWORD, Served, serving
from tests.pages import blocks

PAGE = (Path(__file__).parents[2] / "docs/console.md").read_text()
WHOLE_SITE, BELOW = blocks(PAGE, "nginx")
(CADDY,) = blocks(PAGE, "caddy")
SUB_PATH = "/nophoto"

_NGINX = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {block}
    }}
}}
"""


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console that is to be found at a sub-path."""
    with serving(tmp_path_factory.mktemp("below"), console_sub_path=SUB_PATH) as served:
        yield served


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: list[str | Path], folder: Path, port: int) -> Iterator[str]:
    """A proxy in a process of its own; the URL of its site."""
    program = shutil.which(str(command[0]), path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip(f"WORK BEHIND {command[0]} IS NOT TESTED: it is not installed here")
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            [program, *command[1:]],
            env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
            stdout=log,
            stderr=log,
        )
    try:
        deadline = monotonic() + 60
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, (folder / "proxy.log").read_text()
            assert monotonic() < deadline
            sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def nginx(block: str, console: str, folder: Path) -> Iterator[str]:
    port, config = free_port(), folder / "nginx.conf"
    user = "user root;" if os.getuid() == 0 else ""
    here = block.replace("127.0.0.1:7860", urlsplit(console).netloc)
    config.write_text(_NGINX.format(user=user, folder=folder, port=port, block=here))
    with running(["nginx", "-p", folder, "-c", config], folder, port) as url:
        yield url


@contextmanager
def caddy(block: str, console: str, folder: Path) -> Iterator[str]:
    port, config = free_port(), folder / "Caddyfile"
    here = block.replace("127.0.0.1:7860", urlsplit(console).netloc)
    here = here.replace("example.com", f"http://127.0.0.1:{port}")
    config.write_text(f"{{\n\tadmin off\n}}\n{here}")
    command: list[str | Path] = ["caddy", "run", "--adapter", "caddyfile", "--config", config]
    with running(command, folder, port) as url:
        yield url


def use_by_http(site: str, sub_path: str) -> None:
    """Log in, try a picture, look at a thumbnail, log out, as pages do that no browser shows."""
    with httpx.Client(base_url=f"{site}{sub_path}", timeout=60) as visitor:
        form = {"name": "engineer", "password": PASSWORD}
        answer = visitor.post("/login", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{sub_path}/")
        assert {cookie.path for cookie in visitor.cookies.jar} == {f"{sub_path}/"}
        page = visitor.get("/ru/references").raise_for_status().text
        assert f"{sub_path}/static/console.js" in page
        assert visitor.get("/static/console.js").is_success
        tab = Tab(visitor)
        (judge,) = tab.numbers("judge")
        said = tab.fire(judge, data=[[tab.upload("cat.png", _cat())], ""])
        assert said["success"], said
        (shown,) = {*re.findall(r'src="([^"]*/pictures/reference/\d+)', str(said["output"]))[:1]}
        assert shown.startswith(f"{sub_path}/pictures/")
        picture = httpx.get(f"{site}{shown}", cookies=visitor.cookies, timeout=60)
        assert picture.headers["content-type"] == "image/webp"
        assert visitor.post("/logout").headers["location"].startswith(f"{sub_path}/login")


def use(browser: Browser, site: str, sub_path: str) -> None:
    """Log in, look at pages and pictures, try a picture, change the language, log out."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    asked: list[str] = []
    failed: list[tuple[str, int]] = []

    def note(request: Request) -> None:
        if request.url.startswith("http"):
            asked.append(request.url)

    def look(response: Response) -> None:
        if response.status >= 400:
            failed.append((response.url, response.status))

    page.on("request", note)
    page.on("response", look)
    try:
        page.goto(f"{site}{sub_path}/")
        page.fill("input[name=name]", "engineer")
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector(".bar .who")
        assert page.url == f"{site}{sub_path}/en/review"
        assert {cookie["path"] for cookie in context.cookies()} == {f"{sub_path}/"}
        page.get_by_role("link", name="Try a picture").or_(
            page.get_by_role("button", name="Try a picture")
        ).first.click()
        page.wait_for_url(f"{site}{sub_path}/en/")
        try_picture(page)
        page.get_by_role("link", name="References").or_(
            page.get_by_role("button", name="References")
        ).first.click()
        page.wait_for_selector("img[src*='/pictures/reference/']")
        page.wait_for_function(
            "document.querySelector(\"img[src*='/pictures/reference/']\").naturalWidth > 0"
        )
        assert urlsplit(page.url).path == f"{sub_path}/en/references"
        page.click("a[data-language=ru]")
        page.wait_for_url(f"{site}{sub_path}/ru/references")
        page.wait_for_selector(".bar .who")
        assert page.evaluate("document.documentElement.lang") == "ru"
        page.click(".bar form button[type=submit]")
        page.wait_for_url(f"{site}{sub_path}/login*")
    finally:
        context.close()
    elsewhere = [url for url in asked if not url.startswith(f"{site}{sub_path}/")]
    assert elsewhere == []
    assert [each for each in failed if each[1] != 401] == []


def _cat() -> bytes:
    file = BytesIO()
    Image.fromarray(data.chelsea()).save(file, "PNG")
    return file.getvalue()


def try_picture(page: Page) -> None:
    page.set_input_files(
        "#drop input[type=file]",
        {"name": "cat.png", "mimeType": "image/png", "buffer": _cat()},
    )
    page.wait_for_selector("text=cat.png")
    page.wait_for_selector("figure.nearest img")


def test_nginx_below_a_path(below: Served, browser: Browser, tmp_path: Path) -> None:
    with nginx(BELOW, below.url, tmp_path) as site:
        use(browser, site, SUB_PATH)


@pytest.fixture(params=["http", pytest.param("browser", marks=pytest.mark.slow)])
def used(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Uses a site; in a browser a second time, which takes as long as all of these tests."""
    if request.param == "http":
        return use_by_http
    return partial(use, request.getfixturevalue("browser"))


def test_nginx_on_another_port(
    served: Served, used: Callable[[str, str], None], tmp_path: Path
) -> None:
    with nginx(WHOLE_SITE, served.url, tmp_path) as site:
        used(site, "")


def test_nginx_that_takes_the_path_off(
    below: Served, used: Callable[[str, str], None], tmp_path: Path
) -> None:
    with nginx(BELOW.replace(":7860;", ":7860/;"), below.url, tmp_path) as site:
        used(site, SUB_PATH)


def test_caddy_below_a_path(
    below: Served, used: Callable[[str, str], None], tmp_path: Path
) -> None:
    with caddy(CADDY, below.url, tmp_path) as site:
        used(site, SUB_PATH)


@pytest.mark.parametrize("following", ["//evil.example/", "/elsewhere", "/nophoto//evil.example"])
def test_no_login_leads_out_of_the_path(below: Served, following: str) -> None:
    with below.visitor() as visitor:
        form = {"name": "viewer", "password": PASSWORD}
        answer = visitor.post(f"{SUB_PATH}/login", params={"next": following}, data=form)
    assert answer.headers["location"] == f"{SUB_PATH}/"


@pytest.mark.parametrize("wrong", ["nophoto", "/nophoto/", "/a b", "//evil", '/"x'])
def test_what_is_no_path_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="console_sub_path"):
        Settings(_env_file=None, console_sub_path=wrong)
