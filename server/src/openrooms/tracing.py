"""Traces of requests and transactions, for OpenTelemetry. Off, it costs nothing: nothing is loaded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from openrooms import __version__
from openrooms.storage.database import Database

# Any ASGI application.
Application: TypeAlias = Callable[..., Awaitable[None]]

# How long the collector may take for one batch.
EXPORT_SECONDS = 3


class TracingUnusable(Exception):
    """Traces are asked for, and what makes them is not installed."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """What wraps the parts that are traced; without tracing, it gives them back as they are."""

    # Spans are made around applications: no request may go past them.
    is_off: bool
    requests: Callable[[Application], Application]
    database: Callable[[Database], Database]


@asynccontextmanager
async def open_tracing(endpoint: str | None) -> AsyncIterator[Tracing]:
    """Send traces to an OTLP collector at this URL; None: make none."""
    if endpoint is None:
        yield Tracing(is_off=True, requests=lambda app: app, database=lambda database: database)
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - loaded only where it is used
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - see above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - see above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - see above
    except ImportError as error:
        raise TracingUnusable(
            "Setting tracing_endpoint: OpenTelemetry is not installed. Install "
            "openrooms[tracing], or leave the setting out."
        ) from error
    from openrooms.http.traced import trace_requests  # noqa: PLC0415 - see above
    from openrooms.storage.traced import TracedDatabase  # noqa: PLC0415 - see above

    provider = TracerProvider(
        resource=Resource.create({"service.name": "openrooms", "service.version": __version__})
    )
    exporter = OTLPSpanExporter(endpoint, timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("openrooms", __version__)
    try:
        yield Tracing(
            is_off=False,
            requests=lambda app: trace_requests(app, tracer),
            database=lambda database: TracedDatabase(database, tracer),
        )
    finally:
        # It writes what it still holds.
        await asyncio.to_thread(provider.shutdown)
