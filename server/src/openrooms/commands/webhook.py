"""`openrooms webhook`: where events of a resource are sent."""

import sys
from collections.abc import Sequence

import click

from openrooms.commands.ground import FAILED, carry_out, of_resource, settings, table, tell
from openrooms.control.messages import Facts

FORMS = ("eventgrid", "cloudevents")


@click.group()
def webhook() -> None:
    """Manage where events are sent. A change is live at once on a running server."""


@webhook.command()
@click.argument("url")
@click.option("--form", type=click.Choice(FORMS), default=FORMS[0], show_default=True)
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Of this type alone.")
@of_resource
def add(
    *,
    url: str,
    form: str,
    types: Sequence[str],
    resource: str | None,
    as_json: bool,
    **flags: object,
) -> None:
    """Send events to URL, whose receiver has to confirm that; prints the secret it verifies with."""
    made = carry_out(
        settings(**flags), "webhook.add", url=url, form=form, types=[*types], resource=resource
    )
    lines = [f"Added webhook {made['id']}.", *_facts(made), f"  secret    {made['secret']}"]
    tell(made, lines, as_json=as_json)


@webhook.command("list")
@of_resource
def list_command(*, resource: str | None, as_json: bool, **flags: object) -> None:
    """List the webhooks. No secrets are shown."""
    found = carry_out(settings(**flags), "webhook.list", resource=resource)
    rows = [("ID", "RECEIVER", "FORM", "TYPES")]
    rows += [(one["id"], one["receiver"], one["form"], _types(one)) for one in found["webhooks"]]
    tell(found, table(rows), as_json=as_json)


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@of_resource
def show(*, webhook_id: str, resource: str | None, as_json: bool, **flags: object) -> None:
    """Show a webhook with its whole URL."""
    found = carry_out(settings(**flags), "webhook.show", id=webhook_id, resource=resource)
    tell(found, [f"Webhook {found['id']}", *_facts(found)], as_json=as_json)


@webhook.command("rotate-secret")
@click.argument("webhook_id", metavar="ID")
@click.option(
    *("--keep", "hours"),
    type=click.IntRange(0, 168),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="How long the former secret signs as well.",
)
@of_resource
def rotate_secret(
    *, webhook_id: str, hours: int, resource: str | None, as_json: bool, **flags: object
) -> None:
    """Give a webhook another secret, and print it. For a time events are signed with both."""
    made = carry_out(
        settings(**flags), "webhook.rotate-secret", id=webhook_id, hours=hours, resource=resource
    )
    lines = [
        f"Changed the secret of webhook {made['id']}.",
        f"  secret    {made['secret']}",
        f"  former    signs until {made['formerSecretUntil']}",
    ]
    tell(made, lines, as_json=as_json)


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@of_resource
def remove(*, webhook_id: str, resource: str | None, as_json: bool, **flags: object) -> None:
    """Send nothing to a webhook any more, nor what still waits for it."""
    gone = carry_out(settings(**flags), "webhook.remove", id=webhook_id, resource=resource)
    tell(gone, [f"Removed webhook {gone['id']} ({gone['receiver']})."], as_json=as_json)


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@of_resource
def test(*, webhook_id: str, resource: str | None, as_json: bool, **flags: object) -> None:
    """Send a webhook an event of no meaning, and say whether it was taken."""
    said = carry_out(settings(**flags), "webhook.test", id=webhook_id, resource=resource)
    line = "The event was taken." if said["taken"] else f"The event was not taken: {said['why']}."
    tell(said, [line], as_json=as_json)
    if not said["taken"]:
        sys.exit(FAILED)


def _facts(of: Facts) -> list[str]:
    return [f"  url       {of['url']}", f"  form      {of['form']}", f"  types     {_types(of)}"]


def _types(of: Facts) -> str:
    return "all" if of["types"] is None else ", ".join(of["types"])
