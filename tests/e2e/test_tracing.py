"""One upload's trace, as a collector of OpenTelemetry receives it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from celery import Celery
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from nophoto.models.records.database import Database

THEIR_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Collector:
    """Receives spans over HTTP, each with the name of its service."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Any]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def take(self, request: ExportTraceServiceRequest) -> None:
        for resource in request.resource_spans:
            (service,) = (
                attribute.value.string_value
                for attribute in resource.resource.attributes
                if attribute.key == "service.name"
            )
            for scope in resource.scope_spans:
                self.spans += [(service, span) for span in scope.spans]

    def named(self, name: str) -> list[tuple[str, Any]]:
        return [(service, span) for service, span in self.spans if span.name == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()
    thread.join()


def strings(span: Any, name: str) -> list[str]:
    return [
        value.string_value
        for attribute in span.attributes
        if attribute.key == name
        for value in attribute.value.array_value.values
    ]


def test_an_uploads_trace_goes_from_enqueueing_to_the_commit(
    installed: Database,
    start_worker: Callable[..., Any],
    environment: dict[str, str],
    make_pictures: Callable[[int], dict[str, str]],
    collector: Collector,
    until: Callable[..., None],
) -> None:
    traced = {"NOPHOTO_TRACES_URL": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    worker = start_worker(**traced)
    worker.wait_for_line("judging by")
    uri = make_pictures(3)["key 2"]
    subprocess.run(
        [sys.executable, "-m", "nophoto.jobs.cli", "enqueue", uri],
        env={**os.environ, **environment, **traced},
        check=True,
    )
    until(lambda: collector.named("write"), explain=lambda: worker.log.read_text())
    until(lambda: collector.named("nophoto.score_chunk"))

    ((service, enqueue),) = collector.named("enqueue")
    assert service == "nophoto-enqueue"
    assert not enqueue.parent_span_id
    ((service, chunk),) = collector.named("nophoto.score_chunk")
    assert service == "nophoto-worker"
    assert chunk.parent_span_id == enqueue.span_id
    assert strings(chunk, "nophoto.keys") == [uri]
    stages = [span for _, span in collector.spans if span.parent_span_id == chunk.span_id]
    assert [span.name for span in sorted(stages, key=lambda span: span.start_time_unix_nano)] == [
        "claim",
        "embed",
        "judge",
        "write",
    ]
    assert {span.trace_id for span in [chunk, *stages]} == {enqueue.trace_id}
    assert all(span.start_time_unix_nano < span.end_time_unix_nano for span in stages)

    # A backend that traces its own messages, and imports nothing of nophoto.
    backend = Celery(broker=environment["NOPHOTO_BROKER_URL"], set_as_current=False)
    backend.send_task(
        "nophoto.score",
        [[{"key": "theirs", "uri": uri}]],
        headers={"traceparent": f"00-{THEIR_TRACE}-00f067aa0ba902b7-01"},
    )
    until(lambda: len(collector.named("nophoto.score_chunk")) == 2)
    until(lambda: collector.named("nophoto.score"))
    _, theirs = collector.named("nophoto.score_chunk")[1]
    _, received = collector.named("nophoto.score")[0]
    assert strings(theirs, "nophoto.keys") == ["theirs"]
    assert theirs.trace_id.hex() == received.trace_id.hex() == THEIR_TRACE
    assert received.parent_span_id.hex() == "00f067aa0ba902b7"
    assert worker.stop() == 0


def test_a_collector_that_is_away_keeps_no_command_waiting(
    installed: Database, environment: dict[str, str], make_pictures: Callable[[int], dict[str, str]]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nophoto.jobs.cli", "enqueue", make_pictures(3)["key 2"]],
        env={**os.environ, **environment, "NOPHOTO_TRACES_URL": "http://127.0.0.1:1/v1/traces"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.stdout == "1 new, 0 known, 0 refused\n"
    assert done.returncode == 0
