"""Traces reach a real collector, and cost nothing when they are off."""

import asyncio
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.ground.test_app import VERSION, Running

from openrooms.app import open_site
from openrooms.config import Config
from openrooms.tracing import TracingUnusable, open_tracing

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class Collector(http.server.ThreadingHTTPServer):
    """A collector of OTLP over HTTP, and all that it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sent: list[bytes] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"

    @property
    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.sent]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.sent.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def collector() -> Iterator[Collector]:
    with Collector() as opened:
        thread = threading.Thread(target=opened.serve_forever)
        thread.start()
        yield opened
        opened.shutdown()
        thread.join()


async def test_a_request_and_its_transaction_reach_the_collector_on_the_callers_trace(
    tmp_path: Path,
) -> None:
    with collector() as opened:
        config = Config(
            probe_seconds=0,
            data=tmp_path / "data",
            https_port=0,
            http_port=0,
            media_port=0,
            tracing_endpoint=opened.endpoint,
        )
        async with open_site(config) as site:
            running = Running(config, site)
            target = f"/rooms?{VERSION}"
            headers = running.signed("POST", target, b"{}") | {
                "content-type": "application/json",
                "traceparent": f"00-{TRACE}-{PARENT}-01",
            }
            async with AsyncClient(verify=running.tls, base_url=site.endpoint) as client:
                answer = await client.post(target, content=b"{}", headers=headers)
        ours = [span for span in opened.spans if span.trace_id.hex() == TRACE]

    [request] = [span for span in ours if span.name == "CreateRoom"]
    below = [span for span in ours if span.parent_span_id == request.span_id]
    told = {one.key: one.value.string_value for one in request.attributes}
    assert answer.status_code == 201
    assert request.parent_span_id.hex() == PARENT
    assert told["openrooms.correlation_id"] == answer.headers["x-ms-request-id"]
    assert "database write" in [span.name for span in below]
    assert running.site.connection_string.partition("accesskey=")[2].encode() not in b"".join(
        opened.sent
    )


async def test_a_collector_that_is_away_holds_nobody_up() -> None:
    async with asyncio.timeout(20), open_tracing("http://127.0.0.1:9/v1/traces"):
        pass


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    script = (
        "import sys, openrooms.cli\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout

    assert said.strip() == b"[]"


async def test_without_the_packages_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(TracingUnusable, match=r"Install openrooms\[tracing\]"):
        async with open_tracing("http://127.0.0.1:9/v1/traces"):
            pass
