"""Any interleaving of what people, servers and engines do ends with the right people in the calls.

Real sockets, the real gate, the real database, and an engine that dies and forgets. How often:
`--machine-runs` (`make model` takes many).
"""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.databases import KINDS, store_of

from openrooms.rooms.model import Role

from .town import TOO_OFTEN, Loop, Town

pytestmark = pytest.mark.slow

SIZE = 4
WHO = st.integers(0, SIZE - 1)
ROOM = st.integers(0, 1)
GROUP = st.integers(0, 1)
ROLES = st.none() | st.sampled_from(Role)


@pytest.fixture(scope="module", params=KINDS)
def loop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loop]:
    with store_of(request) as url:
        opened = Loop(tmp_path_factory.mktemp("town"), url)
        yield opened
        opened.close()


class Calls(RuleBasedStateMachine):
    """What can happen, in any order."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop
        self._town: Town = loop.town(SIZE)

    @initialize()
    def begin(self) -> None:
        for who in range(SIZE):
            self._loop.run(partial(self._town.connect, who))
            self._loop.run(partial(self._town.set_role, 0, who, Role.ATTENDEE))

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

    def _join(self, who: int, place: int | str) -> None:
        answer = self._loop.run(partial(self._town.join, who, place))
        refusal = None if isinstance(answer, dict) else answer
        if refusal in {(0, 0), (503, 0), (401, 10009)} or (refusal or (0,))[0] == TOO_OFTEN:
            return
        assert refusal == self._town.expected_refusal(who, place)

    @rule(who=WHO)
    def open_media(self, who: int) -> None:
        self._loop.run(partial(self._town.open_media, who))

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        self._loop.run(partial(self._town.leave, who))

    @rule(who=WHO, called=st.lists(WHO, min_size=1, max_size=3))
    def call(self, who: int, called: list[int]) -> None:
        raw_ids = [self._town.people[one].user.raw_id for one in called]
        self._loop.run(partial(self._town.ask, who, "start", rawIds=raw_ids, joinId=str(uuid4())))

    @rule(who=WHO, op=st.sampled_from(["accept", "reject"]))
    def answer(self, who: int, op: str) -> None:
        agent = self._town.people[who].agent
        self._loop.run(partial(self._town.ask, who, "ping"))
        ringing = [one for one in (agent.events if agent else []) if one["event"] == "incoming"]
        for incoming in ringing[-1:]:
            more = {"joinId": str(uuid4())} if op == "accept" else {}
            self._loop.run(
                partial(self._town.ask, who, op, participantId=incoming["participantId"], **more)
            )

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

    def teardown(self) -> None:
        try:
            assert self._loop.run(self._town.settle) == []
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
