"""`openrooms event`: what was told of calls and rooms, what was not delivered, and sending it again."""

import json

import click

from openrooms.commands.ground import (
    Misused,
    carry_out,
    of_resource,
    settings,
    so_many,
    table,
    tell,
)
from openrooms.control.messages import Facts

by_webhook = click.option("--webhook", metavar="ID", help="To this webhook alone.")


@click.group()
def event() -> None:
    """Look at events, and send again what was not delivered."""


@event.command("list")
@click.option("--dead", is_flag=True, help="What was given up.")
@click.option("--waiting", is_flag=True, help="What waits to be delivered.")
@so_many
@of_resource
def list_command(
    *,
    dead: bool,
    waiting: bool,
    limit: int,
    resource: str | None,
    as_json: bool,
    **flags: object,
) -> None:
    """List events, the latest first; or the oldest of those that were not delivered."""
    config = settings(**flags)
    if dead and waiting:
        raise Misused("Say one of --dead and --waiting.")
    if not (dead or waiting):
        found = carry_out(config, "event.list", limit=limit, resource=resource)
        rows = [("SEQUENCE", "TIME", "TYPE", "SUBJECT"), *map(_row, found["events"])]
    else:
        found = carry_out(config, "event.undelivered", dead=dead, limit=limit, resource=resource)
        rows = [("SEQUENCE", "TIME", "TYPE", "WEBHOOK", "TRIES", "NEXT", "FAILURE")]
        rows += [(*_row(one)[:3], *_left(one)) for one in found["deliveries"]]
    tell(found, table(rows), as_json=as_json)


@event.command()
@click.argument("sequence", type=click.IntRange(1))
@of_resource
def show(*, sequence: int, resource: str | None, as_json: bool, **flags: object) -> None:
    """Show an event, and which webhooks have not taken it."""
    found = carry_out(settings(**flags), "event.show", sequence=sequence, resource=resource)
    lines = [
        f"Event {found['sequence']}",
        f"  id       {found['id']}",
        f"  type     {found['type']}",
        f"  subject  {found['subject']}",
        f"  time     {found['time']}",
        json.dumps(found["data"], indent=2),
        "",
    ]
    rows = [("WEBHOOK", "TRIES", "NEXT", "FAILURE"), *map(_left, found["undelivered"])]
    tell(found, [*lines, *table(rows)], as_json=as_json)


@event.command()
@click.argument("sequence", type=click.IntRange(1), required=False)
@click.option("--dead", is_flag=True, help="All that was given up.")
@by_webhook
@of_resource
def resend(
    *,
    sequence: int | None,
    dead: bool,
    webhook: str | None,
    resource: str | None,
    as_json: bool,
    **flags: object,
) -> None:
    """Send an event once more, or with --dead all that was given up."""
    config = settings(**flags)
    if (sequence is None) == (not dead):
        raise Misused(
            "Say which: openrooms event resend SEQUENCE, or openrooms event resend --dead"
        )
    if dead:
        said = carry_out(config, "event.resend-dead", webhook=webhook, resource=resource)
        line = f"Sent again: {said['deliveries']}."
    else:
        said = carry_out(
            config, "event.resend", sequence=sequence, webhook=webhook, resource=resource
        )
        line = f"Sent again to webhooks: {said['webhooks']}."
    tell(said, [line], as_json=as_json)


def _row(one: Facts) -> tuple[str, ...]:
    return str(one["sequence"]), one["time"], one["type"], one["subject"]


def _left(one: Facts) -> tuple[str, ...]:
    after = "never" if one["givenUpAt"] else one["dueAt"] or "in line"
    return one["webhook"], str(one["tries"]), after, one["failure"] or "-"
