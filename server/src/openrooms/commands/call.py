"""`openrooms call`: what is on record of calls, of joins that were refused, and what people thought."""

import click

from openrooms.commands.ground import carry_out, of_resource, settings, so_many, table, tell
from openrooms.control.messages import Facts

OPEN = "goes on"
# Of what a survey is, and as what it is told.
RATED = (
    ("overall", "overallRating"),
    ("audio", "audioRating"),
    ("video", "videoRating"),
    ("screen", "screenshareRating"),
)


@click.group()
def call() -> None:
    """Look at the record of calls, of joins that were refused, and at surveys."""


@call.command("list")
@click.option("--room", metavar="ID", help="The calls of this room alone.")
@so_many
@of_resource
def list_command(
    *, room: str | None, limit: int, resource: str | None, as_json: bool, **flags: object
) -> None:
    """List calls, newest first."""
    found = carry_out(settings(**flags), "call.list", room=room, limit=limit, resource=resource)
    rows = [("STARTED", "ENDED", "ID", "PLACE", "END")]
    rows += [
        (one["startedAt"], one["endedAt"] or OPEN, one["callId"], _place(one), tell_end(one))
        for one in found["value"]
    ]
    tell(found, [*table(rows), *_more(found)], as_json=as_json)


@call.command()
@click.argument("call_id", metavar="ID")
@of_resource
def show(*, call_id: str, resource: str | None, as_json: bool, **flags: object) -> None:
    """Show a call, and everyone who was in it."""
    config = settings(**flags)
    found = dict(carry_out(config, "call.show", id=call_id, resource=resource))
    while found["next"] is not None:
        page = carry_out(config, "call.show", id=call_id, resource=resource, after=found["next"])
        found["participants"] += page["participants"]
        found["next"] = page["next"]
    del found["next"]
    lines = [
        f"Call {found['callId']}",
        f"  place    {_place(found)}",
        f"  started  {found['startedAt']}",
        f"  ended    {found['endedAt'] or OPEN}",
        f"  end      {tell_end(found)}",
        "",
    ]
    rows = [("JOINED", "LEFT", "ROLE", "USER", "NAME", "END")]
    rows += [
        (
            one["joinedAt"],
            one["endedAt"] or "is in it",
            one["role"] or "-",
            one["rawId"],
            one["displayName"] or "-",
            tell_end(one),
        )
        for one in found["participants"]
    ]
    tell(found, [*lines, *table(rows)], as_json=as_json)


@call.command()
@click.option("--user", metavar="RAWID", help="Of this user alone.")
@so_many
@of_resource
def refused(
    *, user: str | None, limit: int, resource: str | None, as_json: bool, **flags: object
) -> None:
    """List joins that were refused, newest first."""
    found = carry_out(settings(**flags), "call.refused", user=user, limit=limit, resource=resource)
    rows = [("AT", "USER", "PLACE", "REASON")]
    rows += [
        (one["refusedAt"], one["rawId"], f"{one['kind']} {one['place']}", _refusal(one))
        for one in found["value"]
    ]
    tell(found, [*table(rows), *_more(found)], as_json=as_json)


@call.command()
@click.option("--call", "call_id", metavar="ID", help="Of this call alone.")
@click.option("--user", metavar="RAWID", help="Of this user alone.")
@so_many
@of_resource
def surveys(
    *,
    call_id: str | None,
    user: str | None,
    limit: int,
    resource: str | None,
    as_json: bool,
    **flags: object,
) -> None:
    """List what people thought of their calls, newest first."""
    config = settings(**flags)
    found = carry_out(
        config, "call.surveys", call=call_id, user=user, limit=limit, resource=resource
    )
    rows = [("AT", "USER", "CALL", "RATED")]
    rows += [
        (one["submittedAt"], one["rawId"], one["callId"] or "-", _ratings(one))
        for one in found["value"]
    ]
    tell(found, [*table(rows), *_more(found)], as_json=as_json)


def _ratings(one: Facts) -> str:
    """Each rating with the scale that it is on, and what was wrong."""
    told = ((name, one[key]) for name, key in RATED if key in one)
    return "; ".join(_rating(name, rating) for name, rating in told)


def _rating(name: str, rating: Facts) -> str:
    return " ".join(
        (f"{name} {rating['score']} of {rating['scale']['upperBound']}", *rating["issues"])
    )


def _place(one: Facts) -> str:
    return f"{one['kind']} {one['roomId'] or one['groupId'] or ''}".rstrip()


def tell_end(one: Facts) -> str:
    return "-" if one["endReason"] is None else tell_reason(one["endReason"])


def _refusal(one: Facts) -> str:
    more = f" (and {one['more']} more, not kept one by one)" if one["more"] else ""
    return tell_reason(one["reason"]) + more


def tell_reason(reason: Facts) -> str:
    return f"{reason['code']}/{reason['subCode']} {reason['message']}".rstrip()


def _more(found: Facts) -> list[str]:
    return ["There are more: see --limit."] if found["more"] else []
