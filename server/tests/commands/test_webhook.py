"""`openrooms webhook` and `openrooms event` on a database that no server holds, and what they print."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.receiver import Receiver, Reply, closed_port, confirm, receiving
from tests.calling.records.archive import open_archive

from openrooms.cli import main
from openrooms.events.webhooks.courier import Courier
from openrooms.events.webhooks.deliveries import Deliveries
from openrooms.events.webhooks.sender import Sender
from openrooms.events.webhooks.service import open_webhooks
from openrooms.kernel.clock import system_clock
from openrooms.rooms.model import Answer, NewRoom
from openrooms.rooms.service import Rooms
from openrooms.setting_values import LOOPBACK_NETWORKS
from openrooms.storage.database import open_database
from openrooms.storage.secrets import open_vault


def run(data: Path, *words: str) -> Result:
    whole = [*words, "--data", str(data / "data"), "--resource", "default"]
    return CliRunner().invoke(main, whole)


# Any: JSON, which each test looks into where it knows what must be there.
def told(data: Path, *words: str) -> Any:  # noqa: ANN401 - as above
    """What a command says as JSON."""
    result = run(data, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def webhook(data: Path, receiver: Receiver) -> Any:  # noqa: ANN401 - as above
    """A webhook of the only resource, added by the command."""

    async def make() -> None:
        async with open_archive(data, None):
            pass

    asyncio.run(make())
    return told(data, "webhook", "add", receiver.url)


def deliver(data: Path, *, given_up: int) -> None:
    """Make a room, and deliver all that waits."""

    async def work() -> None:
        async with open_database(data / "data") as database:
            vault, deliveries = open_vault(data / "data"), Deliveries(database, system_clock)
            webhooks = await open_webhooks(
                database, vault, system_clock, sender=Sender(LOOPBACK_NETWORKS), origin="localhost"
            )
            resource_id = webhooks.all[0].resource_id
            await Rooms(database, system_clock).create(
                resource_id, NewRoom(), repeat=None, answer=lambda _: Answer(201, b"", "")
            )
            async with Courier(webhooks, deliveries, system_clock).running():
                await deliveries.queue(resource_id)
                while await deliveries.undelivered(resource_id, dead=False, size=1):
                    pass
            dead = await deliveries.undelivered(resource_id, dead=True, size=9)
            assert len(dead) == given_up

    asyncio.run(work())


def test_a_webhook_is_added_shown_tried_and_removed(
    data: Path,
    receiver: Receiver,
    webhook: Any,  # noqa: ANN401 - as above
) -> None:
    assert webhook["secret"].startswith("whsec_")
    assert receiver.got[0].is_signed(webhook["secret"])
    listed = run(data, "webhook", "list").stdout
    assert webhook["id"] in listed
    assert "eventgrid" in listed
    assert "s3cret" not in listed
    shown = run(data, "webhook", "show", webhook["id"]).stdout
    assert receiver.url in shown
    assert webhook["secret"] not in shown

    tried = run(data, "webhook", "test", webhook["id"])
    assert (tried.exit_code, tried.stdout) == (0, "The event was taken.\n")
    assert receiver.kinds == ["WebhookTest"]
    receiver.answer = lambda _: Reply(500)
    tried = run(data, "webhook", "test", webhook["id"])
    assert (tried.exit_code, tried.stdout) == (1, "The event was not taken: answered 500.\n")

    removed = run(data, "webhook", "remove", webhook["id"])
    assert "Removed webhook" in removed.stdout
    assert told(data, "webhook", "list") == {"webhooks": []}
    assert run(data, "webhook", "remove", webhook["id"]).exit_code == 1


def test_the_secret_is_printed_once_and_the_form_is_chosen(
    data: Path,
    receiver: Receiver,
    webhook: Any,  # noqa: ANN401 - as above
) -> None:
    words = (
        "webhook",
        "add",
        receiver.url,
        "--form",
        "cloudevents",
        "--type",
        "OpenRooms.RoomCreated",
    )
    added = run(data, *words)

    assert added.exit_code == 0
    assert "  secret    whsec_" in added.stdout
    assert "  types     OpenRooms.RoomCreated" in added.stdout
    assert len(told(data, "webhook", "list")["webhooks"]) == 2
    assert webhook["types"] is None


def test_another_secret_is_made_and_printed_and_the_former_one_signs_for_a_time(
    data: Path,
    receiver: Receiver,
    webhook: Any,  # noqa: ANN401 - as above
) -> None:
    made = told(data, "webhook", "rotate-secret", webhook["id"])
    run(data, "webhook", "test", webhook["id"])
    both = receiver.events[-1]
    assert made["secret"] != webhook["secret"]
    assert both.is_signed(webhook["secret"])
    assert both.is_signed(made["secret"])
    assert "secret" not in told(data, "webhook", "list")["webhooks"][0]

    at_once = run(data, "webhook", "rotate-secret", webhook["id"], "--keep", "0").stdout
    last = at_once.partition("  secret    ")[2].partition("\n")[0]
    run(data, "webhook", "test", webhook["id"])
    one = receiver.events[-1]
    assert one.is_signed(last)
    assert not one.is_signed(made["secret"])
    assert not one.is_signed(webhook["secret"])

    for hours in ("-1", "169", "x"):
        assert run(data, "webhook", "rotate-secret", webhook["id"], "--keep", hours).exit_code == 2
    assert run(data, "webhook", "rotate-secret", "x").exit_code == 1


def test_what_cannot_be_added_says_why(data: Path, webhook: Any) -> None:  # noqa: ANN401 - as above
    for url, why in (
        ("file:///etc/passwd", "not possible"),
        ("https://10.0.0.1/", "may not be sent to"),
        ("http://169.254.169.254/latest/meta-data", "may not be sent to"),
        (f"http://127.0.0.1:{closed_port()}/", "does not confirm"),
    ):
        refused = run(data, "webhook", "add", url)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert why in refused.stderr
    assert len(told(data, "webhook", "list")["webhooks"]) == 1
    assert webhook["id"]


def test_what_was_given_up_is_listed_and_sent_again(
    data: Path,
    receiver: Receiver,
    webhook: Any,  # noqa: ANN401 - as above
) -> None:
    receiver.answer = lambda _: Reply(400)
    deliver(data, given_up=1)

    (listed,) = told(data, "event", "list")["events"]
    assert (listed["sequence"], listed["type"]) == (1, "OpenRooms.RoomCreated")
    (dead,) = told(data, "event", "list", "--dead")["deliveries"]
    assert (dead["sequence"], dead["webhook"], dead["failure"]) == (
        1,
        webhook["id"],
        "answered 400",
    )
    assert told(data, "event", "list", "--waiting") == {"deliveries": []}
    shown = run(data, "event", "show", "1").stdout
    assert "answered 400" in shown
    assert "never" in shown

    assert run(data, "event", "resend", "--dead").stdout == "Sent again: 1.\n"
    assert told(data, "event", "list", "--dead") == {"deliveries": []}
    receiver.answer = confirm
    deliver(data, given_up=0)
    # Refused once, sent again, and the one of the second room.
    assert receiver.kinds == ["RoomCreated"] * 3

    again = run(data, "event", "resend", "1", "--webhook", webhook["id"])
    assert again.stdout == "Sent again to webhooks: 1.\n"
    assert "in line" not in run(data, "event", "list", "--waiting").stdout


def test_what_cannot_be_sent_again_says_why(data: Path, webhook: Any) -> None:  # noqa: ANN401 - as above
    assert "not there" in run(data, "event", "resend", "7").stderr
    assert "not there" in run(data, "event", "show", "7").stderr
    assert "not there" in run(data, "event", "resend", "--dead", "--webhook", "x").stderr
    for words in (("resend",), ("resend", "1", "--dead"), ("list", "--dead", "--waiting")):
        assert run(data, "event", *words).exit_code == 2
    assert webhook["id"]
