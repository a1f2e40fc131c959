"""An explanation: rule by rule, whether somebody may join. Values and rules, no I/O."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openrooms.calling.model import RULES, Door, EndReason, Rule, Visit, judge
from openrooms.calling.records.model import KeptLeg, Refusal
from openrooms.rooms.model import Role


class When(StrEnum):
    """Where a moment lies."""

    PAST = "past"
    NOW = "now"
    FUTURE = "future"


class Outcome(StrEnum):
    """What became of one rule. After the one that refuses, none is asked."""

    HOLDS = "holds"
    REFUSES = "refuses"
    NOT_ASKED = "notAsked"


class Source(StrEnum):
    """Where the facts come from that a rule was asked with."""

    AS_OF_NOW = "asOfNow"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Seen:
    """What there was to see at a moment.

    `made_later`: the room was not there yet then. `counted`: who was in the call is known.
    `listed`: the door has the roster as it was then. `ours`: the user is of the resource that asks.
    """

    visit: Visit
    when: When
    made_later: bool = False
    counted: bool = True
    listed: bool = False
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One rule, what became of it, and the facts in words. `source`: None where none was asked."""

    rule: str
    outcome: Outcome
    source: Source | None = None
    says: str = "Not asked."


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a user may join a room at a moment, or not. `reason`: what he is told when he may not."""

    room_id: str
    raw_id: str
    at: datetime
    when: When
    role: Role | None
    reason: EndReason | None
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...] = ()
    stays: tuple[KeptLeg, ...] = ()


def choose_when(at: datetime | None, now: datetime) -> When:
    if at is None or at == now:
        return When.NOW
    return When.PAST if at < now else When.FUTURE


def role_before(changes: Iterable[str], raw_id: str, now: Role | None) -> tuple[Role | None, bool]:
    """The role of a user before changes of the roster, and whether they tell it.

    `changes`: what events told of them, as JSON, in their order; `now`: his role after all of them.
    """
    for change in changes:
        told = json.loads(change)
        for one in (*told["changed"], *told["removed"]):
            if one["rawId"] == raw_id:
                # Events of older versions did not say it.
                former = one.get("formerRole")
                return (now, False) if former is None else (Role(former), True)
        if any(one["rawId"] == raw_id for one in told["added"]):
            return None, True
    return now, True


def explain(seen: Seen) -> tuple[Rule | None, tuple[Step, ...]]:
    """The rule that refuses, if one does, and what became of each. The decision is that of a join."""
    broken = judge(seen.visit)
    reached = len(RULES) if broken is None else RULES.index(broken)
    return broken, tuple(_step(seen, rule, place - reached) for place, rule in enumerate(RULES))


def _step(seen: Seen, rule: Rule, behind: int) -> Step:
    """What became of a rule so far behind the one that refuses."""
    if behind > 0:
        # Nothing is told of it: the room may be another resource's.
        return Step(rule.name, Outcome.NOT_ASKED)
    outcome = Outcome.REFUSES if behind == 0 else Outcome.HOLDS
    return Step(rule.name, outcome, _source(seen, rule.name), _facts(seen, rule.name))


def _source(seen: Seen, rule: str) -> Source:
    on_record = {
        "roomExists": seen.made_later,
        "invited": seen.listed,
        "seatFree": seen.counted,
    }
    is_known = seen.when is When.PAST and on_record.get(rule, False)
    return Source.RECORD if is_known else Source.AS_OF_NOW


def _facts(seen: Seen, rule: str) -> str:
    door = seen.visit.door
    facts: dict[str, str] = {
        "signedIn": _signed_in(seen),
        "roomExists": _exists(seen),
        "invited": "Not on the roster." if door.role is None else f"On the roster as {door.role}.",
        "windowOpen": _window(door),
        "seatFree": _seats(seen),
    }
    return facts[rule]


def _signed_in(seen: Seen) -> str:
    if not seen.ours:
        return "A user of another resource. That his token is good is taken for granted."
    if seen.visit.door.signed_in:
        return "The user exists. That his token is good is taken for granted."
    return "There is no such user of this resource, or he was deleted: no token of his is good."


def _exists(seen: Seen) -> str:
    if seen.made_later:
        return "The room was made later."
    if seen.visit.door.room is None:
        return "There is no such room of the user's resource, it was deleted, or its grace is over."
    return "The room is there."


def _window(door: Door) -> str:
    if door.room is None:
        return "There is no window."
    window = door.room.window
    back = " He was in its call a moment before, or is." if door.comes_back else ""
    until = window.valid_until.isoformat(timespec="seconds")
    return f"Open from {window.valid_from.isoformat(timespec='seconds')} until {until}.{back}"


def _seats(seen: Seen) -> str:
    door = seen.visit.door
    if not seen.counted:
        return f"Who was in the call then is no longer on record; seats: {door.most_legs}."
    leaving = f", {seen.visit.leaving} of them given up by him" if seen.visit.leaving else ""
    return f"Seats taken: {door.live_legs} of {door.most_legs}{leaving}."
