import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from nophoto.console.auth.middleware import SecurityMiddleware
from nophoto.console.auth.sessions import COOKIE

KNOWN = "a known token"


def client(*, login: bool, host: str = "testserver") -> TestClient:
    async def answer(_):
        return PlainTextResponse("behind")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    gate = SecurityMiddleware(
        app, lambda token, _: {KNOWN: "ann"}.get(token), login, max_bytes=2_000_000
    )
    return TestClient(gate, base_url=f"http://{host}", follow_redirects=False)


def test_whom_the_session_knows_is_let_through():
    visitor = client(login=True)
    visitor.cookies.set(COOKIE, KNOWN)
    assert visitor.get("/en/review").text == "behind"
    assert visitor.post("/en/gradio_api/run/predict").text == "behind"


@pytest.mark.parametrize("token", [None, "made up", ""])
def test_nobody_else_reaches_anything_but_the_login(token):
    visitor = client(login=True)
    if token is not None:
        visitor.cookies.set(COOKIE, token)
    asked = visitor.get("/en/review", headers={"accept": "text/html"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=/en/review")
    for path in ("/en/config", "/pictures/upload/1", "/en/gradio_api/info", "/", "/login2"):
        assert visitor.get(path).status_code == 401
    assert visitor.post("/en/gradio_api/run/predict").status_code == 401
    assert visitor.get("/login").text == "behind"
    assert visitor.get("/health").text == "behind"


def test_another_sites_page_may_not_ask():
    visitor = client(login=True)
    visitor.cookies.set(COOKIE, KNOWN)
    assert visitor.post("/x", headers={"origin": "http://evil.example"}).status_code == 403
    assert visitor.post("/x", headers={"origin": "null"}).status_code == 403
    assert visitor.post("/x", headers={"origin": "http://testserver"}).status_code == 200


def test_without_login_only_names_of_this_machine_are_answered_to():
    assert client(login=False, host="evil.example").get("/").status_code == 421
    assert client(login=False, host="localhost:7860").get("/").text == "behind"
    assert client(login=False, host="127.0.0.1:7860").get("/").text == "behind"
    assert client(login=False, host="[::1]:7860").get("/").text == "behind"


def test_requests_are_bounded():
    visitor = client(login=False, host="localhost")
    assert visitor.post("/x", content=b"x" * 1_100_000).status_code == 413
    assert visitor.post("/en/gradio_api/upload", content=b"x" * 1_100_000).status_code == 200
    assert visitor.post("/en/gradio_api/upload", content=b"x" * 2_100_000).status_code == 413
    assert visitor.post("/x", content=iter([b"x"])).status_code == 411


def test_every_answer_forbids_frames_and_guesses():
    answer = client(login=True).get("/en/")
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
