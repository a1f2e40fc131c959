"""X01, X25: the server is killed while calls come and go and a receiver fails. No event is lost, none is made up."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from fault.conftest import Dose
from support.agents import Refusal, agent
from support.deadlines import wait_for
from support.faults.guests import NOT_THERE
from support.office import ATTENDEE, Office, User
from support.receiver import Got, Receiver, Reply, add_webhook, confirm, receiving
from support.report import figure, lines
from support.server import Server
from support.signed import Ask, Caller
from support.threads import at_work

CALLERS, ROOMS = 4, 2
SHORTEST, LONGEST = 0.1, 0.5
FAILS = 0.1
# Not 400 and 413, by which a receiver refuses an event for good.
TAKEN, WAYS_TO_FAIL = 200, (302, 429, 500, 502, 503)
# Those of one call come one after the other, however many wait.
DRAINED_WITHIN = 180.0
CALLS = "Microsoft.Communication."
ADDED, REMOVED = f"{CALLS}CallParticipantAdded", f"{CALLS}CallParticipantRemoved"
STARTED, ENDED = f"{CALLS}CallStarted", f"{CALLS}CallEnded"
HOUR = 3600


@dataclass
class Party:
    """Those who come and go, and what they were told of it."""

    server: Server
    people: list[tuple[User, str]]
    joined: list[str] = field(default_factory=list)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """People come and go until the context is left, each until the server is gone."""
        stop = threading.Event()
        jobs = [partial(self._come_and_go, user, room, stop) for user, room in self.people]
        with at_work(jobs, stop):
            yield

    def has_joined(self, times: int) -> bool:
        """Whether so many joins were promised."""
        return len(self.joined) >= times

    def _come_and_go(self, user: User, room: str, stop: threading.Event) -> None:
        with (
            suppress(*NOT_THERE),
            agent(self.server.ready.browser_url, self.server.secrets) as one,
        ):
            one.hello(user.token)
            while not stop.is_set():
                with suppress(Refusal):
                    joined = one.join(room)
                    self.joined.append(joined.participant_id)
                    one.leave(joined.call_id)


# Any: JSON, looked into where it is known what must be there.
def told(caller: Caller) -> list[Any]:
    """Every event that is kept, in order."""
    events: list[Any] = []
    while True:
        after = events[-1]["sequence"] if events else 0
        target = f"/openrooms/v1/events?after={after}&api-version=v1"
        page = caller.call(Ask("GET", target)).json["value"]
        if not page:
            return events
        events += page


def participants(events: list[Any], kind: str) -> Counter[str]:
    return Counter(one["data"]["participantId"] for one in events if one["type"] == kind)


def wrong_orders(receiver: Receiver, events: list[Any]) -> int:
    """How many events of calls came before all that had happened before them in their call were taken."""
    before: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = defaultdict(set)
    for one in events:
        if one["type"].startswith(CALLS):
            call = calls[one["data"]["correlationId"]]
            before[one["id"]] = set(call)
            call.add(one["id"])
    taken: set[str] = set()
    wrong = 0
    for got in receiver.events:
        event_id = got.event["id"]
        wrong += not before.get(event_id, set()) <= taken
        if got.status == TAKEN:
            taken.add(event_id)
    return wrong


def failing(chance: random.Random) -> Any:  # noqa: ANN401 - a function
    """A receiver that takes most, and fails in each way in which one does."""

    def answer(got: Got) -> Reply:
        if chance.random() >= FAILS:
            return confirm(got)
        return Reply(chance.choice(WAYS_TO_FAIL))

    return answer


def settled(caller: Caller) -> list[Any]:
    """All events, once every call has ended."""

    def over() -> list[Any] | None:
        events = told(caller)
        kinds = Counter(one["type"] for one in events)
        return events if kinds[STARTED] == kinds[ENDED] else None

    events, _ = wait_for("every call to end", over, within=20)
    return events


@pytest.mark.line("X25")
def test_each_who_was_added_is_removed_once_and_the_receiver_is_told_all(
    spare: Server, dose: Dose
) -> None:
    chance = random.Random(dose.seed)
    spare.start()
    office = Office(spare)
    with receiving() as receiver:
        add_webhook(spare, receiver)
        receiver.answer = failing(chance)
        party = Party(spare, invite(office))
        for kill in range(1, dose.kills + 1):
            known = len(party.joined)
            with party.going_on():
                # However slow the machine is, there is something to lose.
                wait_for("people to be let in", partial(party.has_joined, known + 2), within=30)
                # The wait is the point: what is under way when it ends must be any moment.
                threading.Event().wait(chance.uniform(SHORTEST, LONGEST))
                spare.kill()
            # What failed has its moment again soon.
            spare.move_clock(kill * 15)
            spare.start()
        for room in {room for _, room in party.people}:
            office.rooms.delete_room(room)
        office.close()
        caller = Caller(spare.ready)
        events = settled(caller)
        caller.close()
        receiver.answer = confirm
        spare.move_clock(dose.kills * 15 + HOUR)
        all_ids = {one["id"] for one in events}
        receiver.wait(lambda one: all_ids <= ids(one), within=DRAINED_WITHIN)
    report(spare, dose, events, party=party, receiver=receiver)


def ids(receiver: Receiver) -> set[str]:
    """Of the events that were taken."""
    return {got.event["id"] for got in receiver.taken}


def invite(office: Office) -> list[tuple[User, str]]:
    people = [office.user() for _ in range(CALLERS)]
    rooms = [office.room(dict.fromkeys(people, ATTENDEE)) for _ in range(ROOMS)]
    return [(user, rooms[place % ROOMS]) for place, user in enumerate(people)]


def report(
    server: Server, dose: Dose, events: list[Any], *, party: Party, receiver: Receiver
) -> None:
    name = "postgresql" if "--database" in server.command() else "sqlite"
    added, removed = participants(events, ADDED), participants(events, REMOVED)
    lines.append(
        f"X25 {name}, seed {dose.seed}: {dose.kills} kills, {len(events)} events, "
        f"{len(receiver.events)} deliveries tried, {len(party.joined)} joins promised"
    )
    figure(
        f"X25 {name}, not added once and removed once", len(odd(added, removed)), at_most=0, unit=""
    )
    figure(
        f"X25 {name}, promised joins without an event",
        len(set(party.joined) - set(added)),
        at_most=0,
        unit="",
    )
    gaps = [one["sequence"] for one in events] != list(range(1, len(events) + 1))
    figure(f"X25 {name}, gaps of sequences", int(gaps), at_most=0, unit="")
    wrong = wrong_orders(receiver, events)
    figure(f"X25 {name}, events that came before their turn", wrong, at_most=0, unit="")
    assert len(party.joined) > dose.kills


def odd(added: Counter[str], removed: Counter[str]) -> set[str]:
    """Participants that were not added once and removed once."""
    return {one for one in added | removed if (added[one], removed[one]) != (1, 1)}
