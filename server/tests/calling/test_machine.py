"""Any interleaving of what people, servers and engines do ends with the right people in the calls.

Real sockets, the real gate, the real database, and an engine that dies and forgets. How often:
`--machine-runs` (`make model` takes many).
"""

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.databases import KINDS, store_of

from openrooms.rooms.model import Role

from .loops import Loop
from .order import SEATS
from .town import ROUNDS_AFTERWARDS, TOO_OFTEN, Town

pytestmark = pytest.mark.slow

SIZE = 4
FULL = (413, 5808)
WHO = st.integers(0, SIZE - 1)
ROOM = st.integers(0, 1)
GROUP = st.integers(0, 1)
# Less and more than each limit of who is quiet, and of who rings or has a token no more.
SECONDS = st.sampled_from([5, 15, 30, 65, 130])
# Less and more than a window, and the life of a token.
HOURS = st.sampled_from([0.9, 1, 24])
ROLES = st.none() | st.sampled_from(Role)


@pytest.fixture(scope="module", params=KINDS)
def loop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loop]:
    with store_of(request) as url:
        opened = Loop(tmp_path_factory.mktemp("town"), url)
        yield opened
        opened.close()


class Scene(Enum):
    """How a run begins: nobody is in a call; one room's or group's is full; two talk; one calls.

    The calls of the first room end with its window.
    """

    NOBODY = 0
    ROOM = 1
    GROUP = 2
    TALK = 3
    RING = 4


class Calls(RuleBasedStateMachine):
    """What can happen, in any order."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop
        self._town: Town = loop.town(SIZE)

    @initialize(scene=st.sampled_from(Scene))
    def begin(self, scene: Scene) -> None:
        for who in range(SIZE):
            self._loop.run(partial(self._town.connect, who))
            self._loop.run(partial(self._town.set_role, 0, who, Role.ATTENDEE))
        self.move_window(room=0, later=False)
        self.set_expiry(room=0, ends=True)
        if scene in {Scene.TALK, Scene.RING}:
            self.call(0, [1])
            self.open_media(0)
            if scene is Scene.TALK:
                self.answer(1, "accept")
        elif scene is not Scene.NOBODY:
            self._come(0 if scene is Scene.ROOM else self._town.groups[0])

    @rule(who=WHO)
    def connect(self, who: int) -> None:
        self._loop.run(partial(self._town.connect, who))

    @rule(who=WHO)
    def hang(self, who: int) -> None:
        self._loop.run(partial(self._town.hang, who))

    @rule(who=WHO, room=ROOM)
    def join_room(self, who: int, room: int) -> None:
        self._join(who, room)

    @rule(who=WHO, group=GROUP)
    def join_group(self, who: int, group: int) -> None:
        self._join(who, self._town.groups[group])

    @rule(room=ROOM)
    def many_come_to_a_room(self, room: int) -> None:
        self._come(room)

    @rule(group=GROUP)
    def many_come_to_a_group(self, group: int) -> None:
        self._come(self._town.groups[group])

    def _come(self, place: int | str) -> None:
        for who in range(SEATS):
            self.connect(who)
            self._join(who, place)
            self.open_media(who)

    def _join(self, who: int, place: int | str) -> None:
        full = self._loop.run(partial(self._town.seated, place)) >= SEATS
        expected = self._loop.run(partial(self._town.expected, who, place))
        has_token = self._town.has_token(who)
        answer = self._loop.run(partial(self._town.join, who, place))
        assert self._loop.run(partial(self._town.seated, place)) <= SEATS
        refusal = None if isinstance(answer, dict) else answer
        if refusal in {(0, 0), (503, 0), (401, 10009)} or (refusal or (0,))[0] == TOO_OFTEN:
            return
        assert has_token
        # A full call takes in again whoever gives up a seat of his own for it.
        assert refusal in expected or (full and None in expected and refusal == FULL)

    @rule(who=WHO)
    def open_media(self, who: int) -> None:
        self._loop.run(partial(self._town.open_media, who))

    @rule(who=WHO, role=ROLES, on=st.booleans())
    def something_overtakes_a_connect(self, *, who: int, role: Role | None, on: bool) -> None:
        """The gate has asked who he is, and the engine has not let him in yet."""
        self._loop.run(self._town.close_door)
        self.open_media(who)
        self._loop.run(self._town.wait_at_door)
        self.set_role(0, who, role)
        self.hold(who, on=on)
        self._loop.run(self._town.open_door)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        self._loop.run(partial(self._town.leave, who))

    @rule(who=WHO, called=st.lists(WHO, min_size=1, max_size=3))
    def call(self, who: int, called: list[int]) -> None:
        raw_ids = [self._town.people[one].user.raw_id for one in called]
        self._loop.run(partial(self._town.start, who, raw_ids))

    @rule(who=WHO, op=st.sampled_from(["accept", "reject"]))
    def answer(self, who: int, op: str) -> None:
        agent = self._town.people[who].agent
        self._loop.run(partial(self._town.ask, who, "ping"))
        ringing = [one for one in (agent.events if agent else []) if one["event"] == "incoming"]
        for incoming in ringing[-1:]:
            leg_id = incoming["participantId"]
            if op == "accept":
                self._loop.run(partial(self._town.accept, who, leg_id))
            else:
                self._loop.run(partial(self._town.ask, who, op, participantId=leg_id))

    @rule(who=WHO)
    def connect_elsewhere(self, who: int) -> None:
        self._loop.run(partial(self._town.connect_elsewhere, who))

    @rule(who=WHO, others=st.lists(WHO, min_size=1, max_size=2))
    def add(self, who: int, others: list[int]) -> None:
        raw_ids = [self._town.people[one].user.raw_id for one in others]
        self._loop.run(partial(self._town.in_call, who, "add", rawIds=raw_ids))

    @rule(who=WHO, whom=WHO)
    def remove(self, who: int, whom: int) -> None:
        self._loop.run(partial(self._town.remove, who, whom))

    @rule(who=WHO)
    def end(self, who: int) -> None:
        self._loop.run(partial(self._town.end, who))

    @rule(who=WHO, on=st.booleans())
    def hold(self, who: int, *, on: bool) -> None:
        self._loop.run(partial(self._town.in_call, who, "hold", on=on))

    @rule(who=WHO, whom=st.none() | WHO, audio=st.booleans(), video=st.booleans())
    def media_access(self, *, who: int, whom: int | None, audio: bool, video: bool) -> None:
        raw_ids = None if whom is None else [self._town.people[whom].user.raw_id]
        told = {"rawIds": raw_ids, "audio": audio, "video": video}
        self._loop.run(partial(self._town.in_call, who, "mediaAccess", **told))

    @rule(room=ROOM, later=st.booleans())
    def move_window(self, *, room: int, later: bool) -> None:
        self._loop.run(partial(self._town.move_window, room, later=later))

    @rule(room=ROOM, ends=st.booleans())
    def set_expiry(self, *, room: int, ends: bool) -> None:
        self._loop.run(partial(self._town.set_expiry, room, ends=ends))

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self._loop.run(partial(self._town.go_by, seconds))

    @rule(hours=HOURS, seconds=SECONDS)
    def hours_pass(self, hours: float, seconds: float) -> None:
        self.time_passes(hours * 3600)
        self.time_passes(seconds)

    @rule()
    def engine_lets_nobody_in(self) -> None:
        self._loop.run(self._town.close_door)

    @rule()
    def engine_lets_them_in(self) -> None:
        self._loop.run(self._town.open_door)

    @rule()
    def reports_arrive_twice(self) -> None:
        self._loop.run(partial(self._town.deliver, times=2))

    @rule(room=ROOM, who=WHO, role=ROLES)
    def set_role(self, room: int, who: int, role: Role | None) -> None:
        self._loop.run(partial(self._town.set_role, room, who, role))

    @rule(room=ROOM)
    def delete_room(self, room: int) -> None:
        self._loop.run(partial(self._town.delete_room, room))

    @rule(who=WHO)
    def revoke(self, who: int) -> None:
        self._loop.run(partial(self._town.revoke, who))

    @rule()
    def engine_dies(self) -> None:
        self._town.engine.die()

    @rule()
    def engine_comes_back(self) -> None:
        self._town.engine.come_back()

    @rule(count=st.integers(1, 5))
    def engine_loses(self, count: int) -> None:
        self._town.engine.losing = count

    @rule()
    def reports_arrive(self) -> None:
        self._loop.run(self._town.deliver)

    @rule()
    def reports_are_lost(self) -> None:
        self._town.engine.reports.clear()

    def all_are_in(self) -> bool:
        """Whether all of those who come in great number have to be in a call."""
        return all(self._town.people[who].must_live for who in range(SEATS))

    def teardown(self) -> None:
        try:
            faults = self._loop.run(self._town.settle)
            if faults:
                self._loop.rounds = ROUNDS_AFTERWARDS
            assert faults == []
        finally:
            self._loop.run(self._town.go_home)


def test_whatever_happens_the_right_people_are_in_the_calls(loop: Loop, machine_runs: int) -> None:
    class Here(Calls):
        """The machine in this loop."""

        def __init__(self) -> None:
            super().__init__(loop)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=machine_runs,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


# Each limit of time, where nothing else ends whom it ends: the machine comes to some of them seldom.


def window(play: Calls, *, over: bool) -> None:
    play.many_come_to_a_room(0)
    play.hours_pass(1 if over else 0.9, 5)


def token(play: Calls, *, over: bool) -> None:
    play.many_come_to_a_group(0)
    play.hours_pass(24, 65 if over else 30)


def ring(play: Calls, *, over: bool) -> None:
    play.many_come_to_a_group(0)
    play.call(3, [0])
    play.open_media(3)
    play.time_passes(130 if over else 65)


def never(play: Calls, *, over: bool) -> None:
    play.many_come_to_a_group(0)
    play.join_group(3, 1)
    play.time_passes(30 if over else 15)


def no_agent(play: Calls, *, over: bool) -> None:
    play.many_come_to_a_group(0)
    play.hang(0)
    play.time_passes(65 if over else 30)


def silent(play: Calls, *, over: bool) -> None:
    play.many_come_to_a_group(0)
    play.time_passes(5)
    play.engine_dies()
    play.engine_comes_back()
    play.time_passes(130 if over else 65)


@pytest.mark.parametrize("over", [True, False], ids=["over", "not_yet"])
@pytest.mark.parametrize("limit", [window, token, ring, never, no_agent, silent])
def test_the_machine_sees_who_is_out_too_late_or_too_early(
    loop: Loop, limit: Callable[..., None], *, over: bool
) -> None:
    play = Calls(loop)
    play.begin(Scene.NOBODY)
    limit(play, over=over)
    if not over:
        assert play.all_are_in()
    play.teardown()
