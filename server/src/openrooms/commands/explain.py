"""`openrooms explain`: why somebody could, can or could not join a room."""

from types import MappingProxyType

import click

from openrooms.commands.call import tell_end, tell_reason
from openrooms.commands.ground import carry_out, of_resource, settings, tell
from openrooms.control.messages import Facts

ADMITTED = MappingProxyType({"past": "could join", "now": "can join", "future": "could join"})
REFUSED = MappingProxyType(
    {"past": "could not join", "now": "cannot join", "future": "could not join"}
)
OUTCOMES = MappingProxyType({"holds": "ok", "refuses": "REFUSES", "notAsked": "-"})
SOURCES = MappingProxyType({"asOfNow": " [as of now]", "record": " [on record]", None: ""})
NOTES = MappingProxyType(
    {
        "past": (
            "Note: only what is marked [on record] is from that time. Everything else, marked "
            "[as of now], is as it is today, and may have been otherwise then."
        ),
        "future": "Note: this holds if nothing changes until then.",
    }
)


@click.command()
@click.argument("room")
@click.argument("user")
@click.option("--at", metavar="TIME", help="Then instead of now, such as 2026-11-22T09:00:00Z.")
@of_resource
def explain(
    *,
    room: str,
    user: str,
    at: str | None,
    resource: str | None,
    as_json: bool,
    **flags: object,
) -> None:
    """Explain, rule by rule, why USER (a raw id) may join ROOM (an id), or not.

    The decision is made as for a join with a good token from a new device.
    """
    told = carry_out(settings(**flags), "explain", room=room, user=user, at=at, resource=resource)
    tell(told, _lines(told), as_json=as_json)


def _lines(told: Facts) -> list[str]:
    when = told["when"]
    if told["admitted"]:
        verdict = f"{ADMITTED[when]}, as {told['role']}"
    else:
        verdict = f"{REFUSED[when]}: {tell_reason(told['reason'])}"
    return [
        f"At {told['at']}, {told['rawId']} {verdict}",
        *[
            f"  {OUTCOMES[one['outcome']]:<8} {one['rule']:<10}  {one['says']}{SOURCES[one['source']]}"
            for one in told["rules"]
        ],
        *([NOTES[when]] if when in NOTES else []),
        *_record(told),
    ]


def _record(told: Facts) -> list[str]:
    """What is on record of around then."""
    joins = [
        f"  {one['refusedAt']}  refused  {tell_reason(one['reason'])}"
        for one in told["refusedJoins"]
    ]
    stays = [
        f"  {one['joinedAt']}  in it until {one['endedAt'] or 'now'}  {tell_end(one)}"
        for one in told["stays"]
    ]
    if not joins and not stays:
        return []
    return ["On record of this user and room, an hour before and after:", *sorted(joins + stays)]
