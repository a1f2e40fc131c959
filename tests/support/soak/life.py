"""People who come and go in rooms that open and end: what happens to a server in a day, at a pace."""

import random
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from support.agents import Refusal
from support.faults.guests import NOT_THERE, Guest, Reporter
from support.office import User
from support.server import Server
from support.signed import Caller
from support.soak.customer import Customer
from support.threads import at_work

# How long a worker rests between two rounds: the machine is busy, and not drowned.
REST = 0.2
HALF = 0.5
SHORTEST, LONGEST = timedelta(hours=4), timedelta(hours=12)
NOT_INVITED = 5828
OUT_WITHIN = 10.0


class FastClock:
    """The service's clock, which goes faster than the world's by what it is moved on."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._moved = 0.0
        self._holds = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._moved)

    def move_on(self, seconds: float) -> None:
        with self._holds:
            self._moved += seconds
            self._server.move_clock(self._moved)

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._holds:
            yield


class Worker:
    """One who lives it, round after round, with a connection of his own; and what he counts."""

    def __init__(self, server: Server, clock: FastClock, seed: int) -> None:
        self.chance = random.Random(seed)
        self.customer = Customer(Caller(server.ready), clock)
        self.counted: Counter[str] = Counter()
        self._server = server
        self._reporter = Reporter(server)

    def round(self) -> None:
        """A room, the call in it, and their ends, of which chance takes one of each kind."""
        users = [self.customer.user() for _ in range(4)]
        presenter, attendee, stranger, idle = users
        window = SHORTEST + self.chance.random() * (LONGEST - SHORTEST)
        room = self.customer.room({presenter: "Presenter", attendee: "Attendee"}, open_for=window)
        self.counted.update({"identities": len(users), "rooms": 1})
        guests = [Guest(self._server, user) for user in (presenter, attendee)]
        try:
            for guest in guests:
                self._enter(guest, room)
            self._talk(*guests)
            self._turn_away(stranger, room)
            self._tend(room, stranger, idle)
            end = self.chance.choice(self._ends)
            end(guests, room)
        finally:
            for guest in guests:
                guest.leave_the_page()
        # Every other room that is left is deleted; the rest ends by its window.
        if end != self._the_room_is_deleted and self.chance.random() < HALF:
            self._delete(room)
        for user in (presenter, idle):
            self.customer.forget(user)
        self.counted["identities deleted"] += 2

    # -- in a call --------------------------------------------------------------------------

    def _enter(self, guest: Guest, room: str) -> None:
        guest.join(room)
        guest.open_media()
        self._reporter.up(guest, f"stay of {guest.leg.participant_id}")
        self.counted["joins"] += 1

    def _talk(self, presenter: Guest, attendee: Guest) -> None:
        call = {"callId": presenter.leg.call_id}
        presenter.agent.ask("raiseHand", **call)
        presenter.agent.ask("sendText", **call, sequence=1, text="all well?", final=True)
        attendee.agent.event("text", within=OUT_WITHIN)
        attendee.agent.ask("react", **call, reactionType="like")
        presenter.agent.ask("lowerHands", **call, rawIds=None)
        self.counted["messages"] += 2

    def _turn_away(self, stranger: User, room: str) -> None:
        guest = Guest(self._server, stranger)
        try:
            assert _refusal(guest, room) == NOT_INVITED
        finally:
            guest.leave_the_page()
        self.counted["joins refused"] += 1

    def _tend(self, room: str, stranger: User, idle: User) -> None:
        """What a customer's server does beside a call."""
        self.customer.invite(room, stranger, "Consumer")
        self.customer.prolong(room, open_for=LONGEST)
        self.customer.look(room)
        self.customer.invite(room, stranger, None)
        self.customer.token(idle)
        self.customer.revoke(idle)
        self.counted["tokens"] += 1

    # -- how it ends ------------------------------------------------------------------------

    @property
    def _ends(self) -> tuple[Callable[[list[Guest], str], None], ...]:
        return (
            self._all_leave,
            self._one_is_expelled,
            self._the_room_is_deleted,
            self._one_is_revoked,
            self._one_is_deleted,
            self._they_vanish,
        )

    def _all_leave(self, guests: list[Guest], _room: str) -> None:
        for guest in guests:
            guest.agent.leave(guest.leg.call_id)

    def _one_is_expelled(self, guests: list[Guest], room: str) -> None:
        self.customer.invite(room, guests[1].user, None)
        self._is_out(guests[1], "ended")

    def _the_room_is_deleted(self, guests: list[Guest], room: str) -> None:
        self._delete(room)
        for guest in guests:
            self._is_out(guest, "ended")

    def _one_is_revoked(self, guests: list[Guest], _room: str) -> None:
        self.customer.revoke(guests[1].user)
        self._is_out(guests[1], "signedOut")

    def _one_is_deleted(self, guests: list[Guest], _room: str) -> None:
        self.customer.forget(guests[1].user)
        self._is_out(guests[1], "signedOut")

    def _they_vanish(self, guests: list[Guest], _room: str) -> None:
        """Nobody says a word: the server gives them up in its own time."""
        for guest in guests:
            with suppress(*NOT_THERE):
                guest.hang_up_agent()
        self.counted["legs left behind"] += len(guests)

    def _delete(self, room: str) -> None:
        self.customer.delete(room)
        self.counted["rooms deleted"] += 1

    def _is_out(self, guest: Guest, event: str) -> None:
        guest.agent.event(event, within=OUT_WITHIN)
        self.counted["put out"] += 1


class Life:
    """All the workers, each in a thread. What one of them meets with is raised at the end."""

    def __init__(self, server: Server, clock: FastClock, *, seed: int, many: int) -> None:
        self._workers = [Worker(server, clock, seed * 1000 + number) for number in range(many)]
        self._over = threading.Event()
        self.failures: list[str] = []

    @property
    def counted(self) -> Counter[str]:
        return sum((worker.counted for worker in self._workers), Counter[str]())

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """It goes on until the context is left."""
        with ExitStack() as stack:
            for worker in self._workers:
                stack.callback(worker.customer.close)
            jobs = [partial(self._live, worker) for worker in self._workers]
            stack.enter_context(at_work(jobs, self._over))
            yield

    def _live(self, worker: Worker) -> None:
        try:
            while not self._over.wait(REST):
                worker.round()
        except Exception:  # noqa: BLE001 - the top of a thread: the test fails with it
            self.failures.append(traceback.format_exc())


def _refusal(guest: Guest, room: str) -> int | None:
    """Why he is not let in, as a subcode; None: he is."""
    try:
        guest.join(room)
    except Refusal as refusal:
        return refusal.sub_code
    return None
