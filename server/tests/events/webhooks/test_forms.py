"""Handshakes, forms and signatures, against a receiver over HTTP."""

import json
from collections.abc import Mapping, Sequence

import pytest
from structlog.testing import capture_logs
from support.receiver import Got, Receiver, Reply, closed_port, confirm
from tests.events.told import told

from openrooms.events.webhooks.errors import (
    BadForm,
    BadTypes,
    BadUrl,
    NotValidated,
    TooManyWebhooks,
)
from openrooms.events.webhooks.model import MOST_WEBHOOKS
from openrooms.events.webhooks.signature import secret_text

from .post import Post, came

pytestmark = pytest.mark.anyio


async def test_events_come_in_the_schema_of_event_grid_signed(
    post: Post, receiver: Receiver
) -> None:
    webhook = await post.subscribe(receiver)
    (asked,) = receiver.got
    assert asked.headers["aeg-event-type"] == "SubscriptionValidation"
    assert asked.is_signed(secret_text(webhook.secret))
    async with post.delivering():
        await post.archive.room()
        await came(receiver, 1)

    (got,), (kept,) = receiver.events, await told(post.archive)
    source = f"/subscriptions/{post.resource_id}/resourceGroups/openrooms/providers"
    assert got.event == {
        "id": kept["id"],
        "topic": f"{source}/Microsoft.Communication/CommunicationServices/{post.resource_id}",
        "subject": kept["subject"],
        "data": kept["data"],
        "eventType": "OpenRooms.RoomCreated",
        "eventTime": kept["time"],
        "dataVersion": "1.0",
        "metadataVersion": "1",
    }
    assert got.path == "/hook?code=s3cret"
    assert got.headers["aeg-event-type"] == "Notification"
    assert got.headers["openrooms-sequence"] == "1"
    assert got.headers["webhook-id"] == kept["id"]
    assert got.is_signed(secret_text(webhook.secret))
    assert not Got(got.method, got.path, got.headers, got.body + b" ").is_signed(
        secret_text(webhook.secret)
    )


async def test_events_come_as_cloud_events_once_the_receiver_gave_leave(
    post: Post, receiver: Receiver
) -> None:
    webhook = await post.subscribe(receiver, form="cloudevents")
    (asked,) = receiver.got
    assert (asked.method, asked.headers["webhook-request-origin"]) == ("OPTIONS", "rooms.example")
    async with post.delivering():
        await post.archive.room()
        await came(receiver, 1)

    (got,), (kept,) = receiver.events, await told(post.archive)
    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert got.event["source"].startswith(f"/subscriptions/{post.resource_id}/")
    assert {name: got.event[name] for name in ("id", "subject", "type", "time", "data")} == {
        name: kept[name] for name in ("id", "subject", "type", "time", "data")
    }
    assert (got.event["specversion"], got.event["datacontenttype"]) == ("1.0", "application/json")
    assert got.is_signed(secret_text(webhook.secret))


BAD_ANSWERS = {
    "another code": Reply(body=b'{"validationResponse":"x"}'),
    "no JSON": Reply(body=b"ok"),
    "no object": Reply(body=b"[]"),
    "an error": Reply(500),
    "a redirect": Reply(302, headers=(("Location", "/elsewhere"),)),
    "too long": Reply(body=b" " * 100_000),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_a_receiver_that_confirms_nothing_is_not_sent_to(
    post: Post, receiver: Receiver, answer: Reply
) -> None:
    receiver.answer = lambda _: answer

    with pytest.raises(NotValidated):
        await post.subscribe(receiver)

    assert len(receiver.got) == 1
    assert await post.archive.house.count("webhook") == 0


@pytest.mark.parametrize(
    "answer",
    [
        Reply(),
        Reply(405, headers=(("WebHook-Allowed-Origin", "*"),)),
        Reply(headers=(("WebHook-Allowed-Origin", "other.example"),)),
    ],
)
async def test_nor_is_one_that_gives_no_leave(
    post: Post, receiver: Receiver, answer: Reply
) -> None:
    receiver.answer = lambda _: answer

    with pytest.raises(NotValidated):
        await post.subscribe(receiver, form="cloudevents")

    assert await post.archive.house.count("webhook") == 0


async def test_what_cannot_be_a_webhook_is_refused_and_nothing_is_sent(
    post: Post, receiver: Receiver
) -> None:
    add = post.webhooks.add
    with pytest.raises(BadUrl):
        await add(post.resource_id, "file:///etc/passwd", form="eventgrid")
    with pytest.raises(BadForm):
        await add(post.resource_id, receiver.url, form="xml")
    with pytest.raises(BadTypes):
        await add(post.resource_id, receiver.url, form="eventgrid", types=["x" * 65])
    with pytest.raises(NotValidated):
        await add(post.resource_id, f"http://127.0.0.1:{closed_port()}/", form="eventgrid")

    assert receiver.got == []
    assert await post.archive.house.count("webhook") == 0


async def test_a_resource_has_so_many_webhooks_at_most(post: Post, receiver: Receiver) -> None:
    for _ in range(MOST_WEBHOOKS):
        await post.subscribe(receiver)

    with pytest.raises(TooManyWebhooks):
        await post.subscribe(receiver)

    assert await post.archive.house.count("webhook") == MOST_WEBHOOKS


def given_up(logs: Sequence[Mapping[str, object]]) -> bool:
    """Whether it is said, after it is so, that an event will not be sent again."""
    return "event_given_up" in [one["event"] for one in logs]


async def test_neither_secret_nor_address_stands_open_in_the_database_or_the_log(
    post: Post, receiver: Receiver
) -> None:
    with capture_logs() as logs:
        webhook = await post.subscribe(receiver)
        receiver.answer = lambda _: Reply(400)
        async with post.delivering():
            await post.archive.room()
            await post.until(lambda left: len(left) == 1 and given_up(logs), dead=True)
        await post.webhooks.remove(post.resource_id, webhook.id)
        receiver.answer = confirm
        added = await post.subscribe(receiver, form="cloudevents")

    rows = await post.archive.house.database.read(
        lambda connection: connection.exec_driver_sql("SELECT url, secret FROM webhook").all()
    )
    assert b"s3cret" not in bytes(rows[0][0])
    assert added.secret not in bytes(rows[0][1])
    said = json.dumps(logs, default=str)
    assert "s3cret" not in said
    assert secret_text(webhook.secret) not in said
