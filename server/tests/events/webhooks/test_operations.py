"""Webhooks managed over HTTP by whoever has the access key, and secrets that are changed; on both stores."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs
from support.receiver import Got, Receiver, Reply, closed_port, confirm
from tests.http.held import hold

from openrooms.events.webhooks.errors import BadOverlap, NoSuchWebhook, TriedAlready
from openrooms.events.webhooks.model import MOST_WEBHOOKS, Webhook
from openrooms.events.webhooks.routes import WEBHOOKS
from openrooms.events.webhooks.signature import secret_text
from openrooms.own_api import own_description

from .post import Post, came

pytestmark = pytest.mark.anyio


# Any: JSON, looked into where it is known what must be there.
async def ask(
    post: Post, method: str, path: str, *, name: str, sent: object = None, status: int = 200
) -> Any:  # noqa: ANN401 - as above
    """What is answered, with the status that it must have, as its description foretells."""
    answer = await post.archive.backend.send(method, f"{WEBHOOKS}{path}", sent)
    assert answer.status_code == status, answer.text
    hold(answer, own_description(), "v1", name=f"Webhooks_{name}")
    return answer.json() if answer.content else None


async def test_a_webhook_is_added_read_tried_and_removed(post: Post, receiver: Receiver) -> None:
    wish = {"url": receiver.url, "types": ["OpenRooms.RoomCreated"]}
    made = await ask(post, "POST", "", name="Add", sent=wish, status=201)
    secret = made.pop("secret")
    assert receiver.got[0].is_signed(secret)
    assert (made["form"], made["types"]) == ("eventgrid", ["OpenRooms.RoomCreated"])
    assert (made["url"], made["formerSecretUntil"]) == (receiver.url, None)

    assert await ask(post, "GET", f"/{made['id']}", name="Get") == made
    listed = await ask(post, "GET", "", name="List")
    assert listed == {"value": [{key: value for key, value in made.items() if key != "url"}]}
    assert "s3cret" not in str(listed)

    tried = await ask(post, "POST", f"/{made['id']}/:test", name="Test")
    assert tried == {"taken": True, "why": None}
    receiver.answer = lambda _: Reply(500)
    tried = await ask(post, "POST", f"/{made['id']}/:test", name="Test")
    assert tried == {"taken": False, "why": "answered 500"}

    await ask(post, "DELETE", f"/{made['id']}", name="Remove", status=204)
    assert await ask(post, "GET", "", name="List") == {"value": []}
    for method, path, name in (
        ("GET", "", "Get"),
        ("DELETE", "", "Remove"),
        ("POST", "/:rotateSecret", "RotateSecret"),
        ("POST", "/:test", "Test"),
    ):
        await ask(post, method, f"/{made['id']}{path}", name=name, status=404)


async def test_what_was_added_over_http_is_delivered_to(post: Post, receiver: Receiver) -> None:
    wish = {"url": receiver.url, "form": "cloudevents", "types": None}
    made = await ask(post, "POST", "", name="Add", sent=wish, status=201)
    async with post.delivering():
        await post.archive.room()
        assert await came(receiver, 1) == ["RoomCreated"]
    assert receiver.events[0].is_signed(made["secret"])


BAD = {
    "no URL": {},
    "no object": [],
    "a member that is none": {"url": "https://a.example/", "secret": "whsec_x"},
    "another scheme": {"url": "file:///etc/passwd"},
    "a private address": {"url": "https://10.0.0.1/"},
    "a cloud's secrets": {"url": "http://169.254.169.254/latest"},
    "nobody there": {"url": f"http://127.0.0.1:{closed_port()}/"},
    "a URL that is too long": {"url": "https://a.example/" + "x" * 2048},
    "a form that is none": {"url": "https://a.example/", "form": "xml"},
    "too many types": {"url": "https://a.example/", "types": ["x"] * 51},
    "a type that is too long": {"url": "https://a.example/", "types": ["x" * 65]},
}


async def test_what_cannot_be_added_is_refused_and_nothing_is_kept(post: Post) -> None:
    for what, sent in BAD.items():
        told = await ask(post, "POST", "", name="Add", sent=sent, status=400)
        assert told["error"]["code"] == "BadRequest", what

    assert await post.archive.house.count("webhook") == 0


async def test_a_resource_has_no_more_over_http_than_by_the_command(
    post: Post, receiver: Receiver
) -> None:
    for _ in range(MOST_WEBHOOKS):
        await post.subscribe(receiver)

    await ask(post, "POST", "", name="Add", sent={"url": receiver.url}, status=400)

    assert await post.archive.house.count("webhook") == MOST_WEBHOOKS


async def test_one_resource_sees_and_changes_nothing_of_another(
    post: Post, receiver: Receiver
) -> None:
    webhook = await post.subscribe(receiver)
    house = post.archive.house
    tenant = await house.resources.create("clinic")
    other = house.backend("v1", key=tenant.primary_key)

    assert (await other.send("GET", WEBHOOKS)).json() == {"value": []}
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/:rotateSecret"),
        ("POST", "/:test"),
    ):
        answer = await other.send(method, f"{WEBHOOKS}/{webhook.id}{path}")
        assert answer.status_code == 404

    wrong = house.backend("v1", key=b"y" * 32)
    assert (await wrong.send("GET", WEBHOOKS)).status_code == 401
    assert (await wrong.send("POST", WEBHOOKS, {"url": receiver.url})).status_code == 401
    await post.webhooks.read()
    assert post.webhooks.find(webhook.resource_id, webhook.id) == webhook
    assert len(receiver.got) == 1


async def test_one_receiver_of_a_resource_is_asked_at_a_time(
    post: Post, receiver: Receiver
) -> None:
    inside: list[TriedAlready] = []
    loop = asyncio.get_running_loop()

    async def add_another() -> None:
        with pytest.raises(TriedAlready) as refused:
            await post.subscribe(receiver)
        inside.append(refused.value)

    def answer(got: Got) -> Reply:
        asyncio.run_coroutine_threadsafe(add_another(), loop).result(10)
        return confirm(got)

    receiver.answer = answer
    await post.subscribe(receiver)

    assert (len(inside), len(receiver.got)) == (1, 1)
    receiver.answer = confirm
    await post.subscribe(receiver)
    assert await post.archive.house.count("webhook") == 2


def signs(webhook: Webhook, got: Got) -> bool:
    return got.is_signed(secret_text(webhook.secret))


async def test_both_secrets_sign_until_the_former_ones_time_is_over(
    post: Post, receiver: Receiver
) -> None:
    first = await post.subscribe(receiver)
    with capture_logs() as logs:
        told = await ask(
            post, "POST", f"/{first.id}/:rotateSecret", name="RotateSecret", sent={"keepHours": 2}
        )
    second = post.webhooks.find(post.resource_id, first.id)
    assert told["secret"] == secret_text(second.secret) != secret_text(first.secret)
    assert told["secret"] not in str(logs)

    assert await post.webhooks.test(post.resource_id, first.id) is None
    post.archive.house.clock.advance(hours=2)
    assert await post.webhooks.test(post.resource_id, first.id) is None

    during, after = receiver.events
    assert during.headers["webhook-signature"].count("v1,") == 2
    assert (signs(first, during), signs(second, during)) == (True, True)
    assert (signs(first, after), signs(second, after)) == (False, True)


async def test_a_secret_that_is_changed_twice_leaves_one_former(
    post: Post, receiver: Receiver
) -> None:
    first = await post.subscribe(receiver)
    second = await post.webhooks.rotate_secret(post.resource_id, first.id, hours=24)
    third = await post.webhooks.rotate_secret(post.resource_id, first.id, hours=24)

    assert await post.webhooks.test(post.resource_id, first.id) is None

    (got,) = receiver.events
    assert [signs(one, got) for one in (first, second, third)] == [False, True, True]


async def test_a_secret_that_got_out_signs_no_more_at_once(post: Post, receiver: Receiver) -> None:
    first = await post.subscribe(receiver)
    second = await post.webhooks.rotate_secret(post.resource_id, first.id, hours=0)

    assert await post.webhooks.test(post.resource_id, first.id) is None

    (got,) = receiver.events
    assert (signs(first, got), signs(second, got)) == (False, True)


async def test_a_change_that_is_refused_changes_nothing(post: Post, receiver: Receiver) -> None:
    first = await post.subscribe(receiver)
    for hours in (-1, 169):
        with pytest.raises(BadOverlap):
            await post.webhooks.rotate_secret(post.resource_id, first.id, hours=hours)
    with pytest.raises(NoSuchWebhook):
        await post.webhooks.rotate_secret(post.resource_id, "x", hours=1)
    wishes: tuple[object, ...] = (
        {"keepHours": -1},
        {"keepHours": 169},
        {"keepHours": "1"},
        {"keep": 1},
        [],
    )
    for sent in wishes:
        await ask(
            post, "POST", f"/{first.id}/:rotateSecret", name="RotateSecret", sent=sent, status=400
        )

    await post.webhooks.read()
    assert post.webhooks.find(post.resource_id, first.id) == first


async def test_former_secrets_stand_encrypted_in_the_database(
    post: Post, receiver: Receiver
) -> None:
    first = await post.subscribe(receiver)
    await post.webhooks.rotate_secret(post.resource_id, first.id, hours=24)

    (row,) = await post.archive.house.database.read(
        lambda connection: connection.exec_driver_sql(
            "SELECT secret, former_secret FROM webhook"
        ).all()
    )
    assert all(first.secret not in bytes(sealed) for sealed in row)
