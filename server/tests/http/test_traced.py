"""A request makes a span on its caller's trace, which says what it was and gives nothing away."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openrooms.http.access import AccessLog, Visit
from openrooms.http.traced import _HEADERS, trace_requests

pytestmark = pytest.mark.anyio

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TRACEPARENT = (b"traceparent", f"00-{TRACE}-{PARENT}-01".encode())


def visited(status: int, error_code: str = "") -> Visit:
    visit = AccessLog().begin(None, "")
    visit.operation, visit.resource_id, visit.error_code = "GetRoom", "r", error_code
    visit.status = status
    return visit


def answering(status: int, visit: Visit | None) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if visit is not None:
            scope["visit"] = visit
        await send({"type": f"{scope['type']}.response.start", "status": status})
        await send({"type": f"{scope['type']}.response.body"})

    return app


async def ask(
    app: ASGIApp, *headers: tuple[bytes, bytes], kind: str = "http"
) -> tuple[list[str], tuple[ReadableSpan, ...]]:
    """The kinds of messages that came, and the spans that were made."""
    exporter, said = InMemorySpanExporter(), []
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    async def receive() -> Message:
        return {"type": f"{kind}.disconnect"}

    async def send(message: Message) -> None:
        said.append(message["type"])

    scope = {
        "type": kind,
        "method": "GET",
        "scheme": "https",
        "path": "/secret",
        "query_string": b"access_token=secret",
        "headers": list(headers),
    }
    await trace_requests(app, provider.get_tracer("test"))(scope, receive, send)
    return said, exporter.get_finished_spans()


async def test_a_span_goes_on_the_callers_trace() -> None:
    said, [span] = await ask(answering(200, visited(200)), (b"host", b"x"), TRACEPARENT)

    assert said == ["http.response.start", "http.response.body"]
    assert span.context is not None
    assert span.parent is not None
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == PARENT


async def test_without_a_trace_it_begins_one() -> None:
    _, [span] = await ask(answering(200, visited(200)))

    assert span.parent is None


@pytest.mark.parametrize("sent", [b"nonsense", b"00-" + b"0" * 32 + b"-0-01", b"\xff" * 100])
async def test_a_traceparent_that_is_none_is_ignored(sent: bytes) -> None:
    _, [span] = await ask(answering(200, visited(200)), (b"traceparent", sent))

    assert span.parent is None


async def test_it_says_what_the_request_was_and_gives_nothing_away() -> None:
    visit = visited(404, "NotFound")
    _, [span] = await ask(answering(404, visit))

    assert span.name == "GetRoom"
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "url.scheme": "https",
        "http.response.status_code": 404,
        "openrooms.correlation_id": visit.id,
        "openrooms.resource_id": "r",
        "error.type": "NotFound",
    }
    assert "secret" not in span.to_json()


async def test_a_page_is_told_by_its_method_alone() -> None:
    _, [span] = await ask(answering(200, None))

    assert span.name == "GET"


async def test_a_websocket_makes_no_span() -> None:
    said, spans = await ask(answering(200, None), kind="websocket")

    assert said == ["websocket.response.start", "websocket.response.body"]
    assert spans == ()


def test_the_headers_of_a_request_can_be_listed() -> None:
    assert _HEADERS.keys({"headers": [(b"a", b"1"), (b"b", b"2")]}) == ["a", "b"]
