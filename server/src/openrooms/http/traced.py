"""Spans of requests. Loaded only when traces are made."""

from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Span, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openrooms.http.access import Visit

_PROPAGATOR = TraceContextTextMapPropagator()


class _Headers(Getter[Scope]):
    """Reads `traceparent` and `tracestate` where the server has them."""

    def get(self, carrier: Scope, key: str) -> list[str] | None:
        wanted = key.encode("ascii")
        found = [value.decode("latin-1") for name, value in carrier["headers"] if name == wanted]
        return found or None

    def keys(self, carrier: Scope) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier["headers"]]


_HEADERS = _Headers()


def trace_requests(app: ASGIApp, tracer: Tracer) -> ASGIApp:
    """The application, with a span for each HTTP request that goes on the caller's trace."""

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        parent = _PROPAGATOR.extract(scope, getter=_HEADERS)
        # Never the target: it may hold a ticket.
        known = {"http.request.method": scope["method"], "url.scheme": scope["scheme"]}
        with tracer.start_as_current_span(
            scope["method"], context=parent, kind=SpanKind.SERVER, attributes=known
        ) as span:

            async def tell(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await app(scope, receive, tell)
            _describe(span, scope.get("visit"))

    return traced


def _describe(span: Span, visit: Visit | None) -> None:
    """Say what the request was, when it was one to a server API."""
    if visit is None:
        return
    span.update_name(visit.operation)
    span.set_attribute("openrooms.correlation_id", visit.id)
    span.set_attribute("openrooms.resource_id", visit.resource_id)
    if visit.error_code:
        span.set_attribute("error.type", visit.error_code)
