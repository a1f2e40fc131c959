"""`openrooms event`: what was told of calls and rooms, what was not delivered, and sending it again."""

import json
from collections.abc import Sequence

import click

from openrooms.commands.call import by_resource, so_many, table
from openrooms.commands.ground import Misused, as_json, by_file, carry_out, in_data, settings
from openrooms.control.messages import Facts

by_webhook = click.option("--webhook", metavar="ID", help="To this webhook alone.")


@click.group()
def event() -> None:
    """Look at events, and send again what was not delivered."""


@event.command("list")
@click.option("--dead", is_flag=True, help="What was given up.")
@click.option("--waiting", is_flag=True, help="What waits to be delivered.")
@so_many
@by_resource
@in_data
@by_file
@as_json
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
    _tell(found, table(rows), as_json=as_json)


@event.command()
@click.argument("sequence", type=click.IntRange(1))
@by_resource
@in_data
@by_file
@as_json
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
    _tell(found, [*lines, *table(rows)], as_json=as_json)


@event.command()
@click.argument("sequence", type=click.IntRange(1), required=False)
@click.option("--dead", is_flag=True, help="All that was given up.")
@by_webhook
@by_resource
@in_data
@by_file
@as_json
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
    _tell(said, [line], as_json=as_json)


def _row(one: Facts) -> tuple[str, ...]:
    return str(one["sequence"]), one["time"], one["type"], one["subject"]


def _left(one: Facts) -> tuple[str, ...]:
    after = "never" if one["givenUpAt"] else one["dueAt"] or "in line"
    return one["webhook"], str(one["tries"]), after, one["failure"] or "-"


def _tell(facts: Facts, lines: Sequence[str], *, as_json: bool) -> None:
    click.echo(json.dumps(facts) if as_json else "\n".join(lines))
