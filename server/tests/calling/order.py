"""What is wrong with calls, whoever is in them."""

from collections import Counter
from collections.abc import Mapping

from tests.fakes import FakeEngine

from openrooms.calling.model import Call, Leg, LegState
from openrooms.media.engine import Source
from openrooms.rooms.model import Role

SEATS = 3
# What a role may send at the most, whatever else is set.
MOST: Mapping[Role, frozenset[Source]] = {
    Role.CONSUMER: frozenset(),
    Role.ATTENDEE: frozenset({Source.CAMERA, Source.MICROPHONE}),
}


def doubled(calls: list[Call]) -> list[str]:
    places = [call.room_id or call.group_id for call in calls]
    return [f"{n} live calls of {place}" for place, n in Counter(places).items() if place and n > 1]


def crowded(legs: list[Leg]) -> list[str]:
    seated = Counter(leg.call_id for leg in legs)
    return [f"{many} in {call_id}" for call_id, many in seated.items() if many > SEATS]


def lonely(calls: list[Call], legs: list[Leg]) -> list[str]:
    joined = {leg.call_id for leg in legs if leg.state is LegState.JOINED}
    empty = [f"call {call.id} lives without anybody" for call in calls if call.id not in joined]
    users: dict[str, set[str]] = {}
    for leg in legs:
        users.setdefault(leg.call_id, set()).add(leg.raw_id)
    half = [call for call in calls if call.two_party and len(users.get(call.id, ())) < 2]
    return [*empty, *(f"one is alone in the call of two {call.id}" for call in half)]


async def strangers(engine: FakeEngine, calls: list[Call], legs: list[Leg]) -> list[str]:
    seats = {leg.seat: leg for leg in legs if leg.state is LegState.JOINED}
    wrong = [
        f"room {room} at the engine"
        for room in await engine.rooms()
        if room not in {call.id for call in calls}
    ]
    for call in calls:
        for presence in await engine.presences(call.id):
            leg = seats.get(presence.identity)
            most = MOST.get(leg.role, frozenset(Source)) if leg and leg.role else set(Source)
            if leg is None or leg.grants != presence.grants or leg.grants.sources - most:
                wrong.append(f"{presence.identity} at the engine with {presence.grants}")
    return wrong
