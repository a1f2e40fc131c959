"""The JSON of webhooks as they are managed over HTTP: bodies to values, values to bodies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openrooms.events.webhooks.model import (
    FORMER_KEPT,
    LONGEST_FORMER_KEPT,
    LONGEST_TYPE,
    LONGEST_URL,
    MOST_TYPES,
    Failure,
    Form,
    Webhook,
)
from openrooms.events.webhooks.signature import secret_text
from openrooms.http.bodies import Moment, encode_json, parse_json, reason_and_place
from openrooms.http.dates import format_moment
from openrooms.http.errors import MalformedBody

HOURS = 3600
T = TypeVar("T")


class AddWebhookRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Where events are to be sent. `types`: those that are; null: all."""

    url: Annotated[str, Meta(max_length=LONGEST_URL)]
    form: Form = Form.EVENT_GRID
    types: (
        Annotated[list[Annotated[str, Meta(max_length=LONGEST_TYPE)]], Meta(max_length=MOST_TYPES)]
        | None
    ) = None


class RotateSecretRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """For how many hours the former secret signs, too."""

    keep_hours: Annotated[int, Meta(ge=0, le=int(LONGEST_FORMER_KEPT.total_seconds()) // HOURS)] = (
        int(FORMER_KEPT.total_seconds()) // HOURS
    )


class WebhookModel(msgspec.Struct, rename="camel"):
    """A webhook. `receiver`: its URL without path and query, which may hold a secret.

    `url` is left out of lists. `secret` is in the answer that makes it, and in no other.
    """

    id: str
    receiver: str
    form: Form
    types: list[str] | None
    created_at: Moment
    former_secret_until: Moment | None
    url: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET


class WebhooksModel(msgspec.Struct, rename="camel"):
    """All webhooks of a resource, the oldest first."""

    value: list[WebhookModel]


class TriedModel(msgspec.Struct, rename="camel"):
    """Whether a receiver took an event of no meaning; if not, why."""

    taken: bool
    why: str | None


class Wish(NamedTuple):
    """A webhook as it is asked for."""

    url: str
    form: str
    types: Sequence[str]


def read_wish(body: bytes) -> Wish:
    """Raises `MalformedBody`."""
    asked = _read(body, AddWebhookRequest)
    return Wish(asked.url, asked.form.value, asked.types or ())


def read_hours(body: bytes) -> int:
    """How long a former secret is to sign on; without a body the usual time. Raises `MalformedBody`."""
    return (_read(body, RotateSecretRequest) if body else RotateSecretRequest()).keep_hours


def write_webhook(one: Webhook, *, with_secret: bool = False) -> bytes:
    model = _model(one)
    model.url = one.url
    if with_secret:
        model.secret = secret_text(one.secret)
    return encode_json(model)


def write_webhooks(all_: Sequence[Webhook]) -> bytes:
    return encode_json(WebhooksModel([_model(one) for one in all_]))


def write_tried(failure: Failure | None) -> bytes:
    return encode_json(TriedModel(failure is None, None if failure is None else failure.why))


def _model(one: Webhook) -> WebhookModel:
    return WebhookModel(
        id=one.id,
        receiver=one.target.origin,
        form=one.form,
        types=None if one.types is None else sorted(one.types),
        created_at=format_moment(one.created_at),
        former_secret_until=_moment(None if one.former is None else one.former.until),
    )


def _moment(at: datetime | None) -> str | None:
    return None if at is None else format_moment(at)


def _read(body: bytes, shape: type[T]) -> T:
    document = parse_json(body)
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        raise MalformedBody(*reason_and_place(error)) from error
