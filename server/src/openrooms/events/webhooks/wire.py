"""Events as they are sent: in Event Grid's schema, or as CloudEvents 1.0; and the answers to handshakes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from openrooms.events.model import KeptEvent
from openrooms.events.webhooks.model import Form, topic
from openrooms.http.bodies import encode_json, parse_json
from openrooms.http.dates import format_moment
from openrooms.http.errors import MalformedBody

VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
ALLOWED_ORIGIN = "webhook-allowed-origin"


class Letter(NamedTuple):
    """What is sent: the body, and the headers that belong to it."""

    body: bytes
    headers: Mapping[str, str]


class EventGridEvent(msgspec.Struct, rename="camel"):
    """An event in Event Grid's schema; one is sent as an array of one."""

    id: str
    topic: str
    subject: str
    # Any: what is told differs by type.
    data: dict[str, Any]
    event_type: str
    event_time: str
    data_version: str = "1.0"
    metadata_version: str = "1"


class CloudEvent(msgspec.Struct):
    """An event in the structured form of CloudEvents 1.0."""

    id: str
    source: str
    subject: str
    type: str
    time: str
    # Any: as above.
    data: dict[str, Any]
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


def write_letter(form: Form, event: KeptEvent, *, tries: int = 0) -> Letter:
    """An event in the form of a webhook. `tries`: how often it was sent before."""
    data = msgspec.json.decode(event.data, type=dict[str, Any])
    source, at = topic(event.resource_id), format_moment(event.at)
    sequence = {"openrooms-sequence": str(event.sequence)}
    if form is Form.CLOUD_EVENTS:
        one = CloudEvent(event.id, source, event.subject, event.type, at, data)
        kind = {"content-type": "application/cloudevents+json; charset=utf-8"}
        return Letter(encode_json(one), kind | sequence)
    grid = EventGridEvent(event.id, source, event.subject, data, event.type, at)
    is_validation = event.type == VALIDATION
    kind = {
        "content-type": "application/json; charset=utf-8",
        "aeg-event-type": "SubscriptionValidation" if is_validation else "Notification",
        "aeg-delivery-count": str(tries),
    }
    return Letter(encode_json([grid]), kind if is_validation else kind | sequence)


def reads_code(body: bytes, code: str) -> bool:
    """Whether the answer to a validation event gives its code back."""
    try:
        answer = parse_json(body)
    except MalformedBody:
        return False
    return isinstance(answer, dict) and answer.get("validationResponse") == code
