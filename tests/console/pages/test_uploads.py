"""How much may be dropped at once, through the real server."""

from collections.abc import Iterator

from tests.console.gradio import Tab

BOUNDARY = b"a-boundary"
CHUNKED = {"content-type": "multipart/form-data; boundary=a-boundary"}


def form(files: int, size: int) -> Iterator[bytes]:
    """A form of so many files, in pieces whose number nobody states beforehand."""
    for number in range(files):
        yield b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data; name=files; "
        yield b"filename=%d.jpg\r\nContent-Type: image/jpeg\r\n\r\n" % number
        yield b"%d" % number + bytes(size) + b"\r\n"
    yield b"--" + BOUNDARY + b"--\r\n"


def test_an_upload_that_states_no_length_is_bounded_as_a_whole(served):
    with served.log_in("viewer") as visitor:
        Tab(visitor)
        upload = "/en/gradio_api/upload"
        answer = visitor.post(upload, content=form(3, 900_000), headers=CHUNKED)
        assert answer.status_code == 200
        assert len(answer.json()) == 3
        before = {path for path in served.uploads.rglob("*") if path.is_file()}
        answer = visitor.post(upload, content=form(12, 900_000), headers=CHUNKED)
        assert answer.status_code == 413
        # What had come of it is gone.
        assert {path for path in served.uploads.rglob("*") if path.is_file()} == before
