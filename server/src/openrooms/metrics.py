"""What is counted, all of it. `/metrics` tells it; docs/operating.md says what each means.

A metric belongs to the process: servers that are opened in one process count together.
"""

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, generate_latest

from openrooms.counting import Counter, Histogram

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# A registry of our own holds what we declare, and nothing that a library counts by itself.
REGISTRY = CollectorRegistry(auto_describe=True)
# Memory, processor time, open files, start time: `process_...`, on Linux.
ProcessCollector(registry=REGISTRY)

REQUESTS = Counter(
    "openrooms_requests",
    "Requests to the server APIs that were answered, by operation and status.",
    ("operation", "status"),
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "openrooms_request_seconds",
    "Time from a request's head to its answer, by operation.",
    ("operation",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
REQUESTS_RUNNING = Gauge(
    "openrooms_requests_running",
    "Requests to the server APIs that are being served.",
    registry=REGISTRY,
)
REQUESTS_LIMITED = Counter(
    "openrooms_requests_limited",
    "Requests that were refused because their resource asks too often, by quota.",
    ("quota",),
    registry=REGISTRY,
)
CONNECTIONS = Gauge(
    "openrooms_connections",
    "Open connections of HTTP and WebSockets.",
    registry=REGISTRY,
)
REFUSALS = Counter(
    "openrooms_connection_refusals",
    "Connections that were ended for what they sent, or for being too many, by kind.",
    ("kind",),
    registry=REGISTRY,
    known=(("TooManyConnections",),),
)
CERTIFICATE_ENDS_AT = Gauge(
    "openrooms_certificate_expiry_timestamp_seconds",
    "When the first of the certificates ends that the listener shows, in seconds since 1970.",
    registry=REGISTRY,
)
DATABASE_SECONDS = Histogram(
    "openrooms_database_wait_seconds",
    "Time that a job of the database waited to be begun, by kind of job.",
    ("kind",),
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5),
    registry=REGISTRY,
)
DATABASE_GROUP = Histogram(
    "openrooms_database_group_jobs",
    "Jobs done together, by kind: writes of one group share one commit.",
    ("kind",),
    buckets=(1, 2, 4, 8, 16, 32, 64),
    registry=REGISTRY,
)
DATABASE_WAITING = Gauge(
    "openrooms_database_jobs_waiting",
    "Jobs of the database that wait to be begun, by kind.",
    ("kind",),
    registry=REGISTRY,
)
DATABASE_ERRORS = Counter(
    "openrooms_database_errors",
    "Jobs that the database could not do, by error.",
    ("error",),
    registry=REGISTRY,
    known=(
        ("DatabaseAway",),
        ("DatabaseBusy",),
        ("DatabaseClosed",),
        ("DatabaseFull",),
        ("DatabaseLocked",),
        ("OutcomeUnknown",),
    ),
)
ENGINE_STARTS = Counter(
    "openrooms_engine_starts",
    "Times that the media engine came up.",
    registry=REGISTRY,
).labels()
LEGS_ENDED = Counter(
    "openrooms_legs_ended",
    "Participations in calls that ended, by the codes that their clients were told.",
    ("code", "sub_code"),
    registry=REGISTRY,
    # Nothing of their media ever came.
    known=(("410", "301004"),),
)
PART_WORKS = Gauge(
    "openrooms_part_works",
    "Whether a part works (1) or does not (0), by part.",
    ("part",),
    registry=REGISTRY,
)
PROBES = Counter(
    "openrooms_probes",
    "Calls that the server had with itself, by what came of it.",
    ("outcome",),
    registry=REGISTRY,
    known=(("ok",), ("broken",)),
)
PROBE_SECONDS = Histogram(
    "openrooms_probe_seconds",
    "Time from the beginning of such a call to each of its steps.",
    ("step",),
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8),
    registry=REGISTRY,
)
PROBE_WELL_AT = Gauge(
    "openrooms_probe_last_success_timestamp_seconds",
    "When the last such call went well, in seconds since 1970.",
    registry=REGISTRY,
)
EVENTS_SENT = Counter(
    "openrooms_events_sent",
    "Events that were sent to webhooks, by what came of it.",
    ("outcome",),
    registry=REGISTRY,
    known=(("delivered",), ("failed",), ("dead",)),
)
DELIVERIES_WAITING = Gauge(
    "openrooms_event_deliveries_waiting",
    "Deliveries of events to webhooks that wait.",
    registry=REGISTRY,
)
DELIVERIES_DEAD = Gauge(
    "openrooms_event_deliveries_dead",
    "Deliveries of events to webhooks that were given up, and are kept.",
    registry=REGISTRY,
)
DELIVERIES_OLDEST = Gauge(
    "openrooms_event_oldest_wait_seconds",
    "How long the delivery of an event to a webhook has waited that waits longest.",
    registry=REGISTRY,
)
LOG_LINES_LOST = Counter(
    "openrooms_log_lines_lost",
    "Log lines that were lost because nobody read standard error fast enough.",
    registry=REGISTRY,
).labels()


def show() -> bytes:
    """All metrics in the text form of Prometheus."""
    return generate_latest(REGISTRY)
