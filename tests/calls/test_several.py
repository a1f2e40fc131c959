"""Calls to several at once: who rings, who is in it, who stays when others go, and who never gets in."""

import uuid
from functools import partial

import pytest
from calls.meeting import (
    ACCEPT,
    JOIN,
    LEAVE,
    MET_WITHIN,
    REJECT,
    START,
    Three,
    ring,
    rings,
    state_of,
    swift,
)
from support.agents import Agent, Refusal, agent
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.office import Office
from support.report import figure
from support.sdkpage import Client
from support.server import Server

LEAVE_ALL = "await app.call.hangUp({ forEveryone: true })"
# Everything that a call says of itself and an app could take for an id to hand out.
IDS = """
  const { call } = app;
  const others = call.remoteParticipants.flatMap(({ endpointDetails }) => endpointDetails);
  const seats = [call.info, ...others].map(({ participantId }) => participantId);
  return [await call.info.getServerCallId(), call.id, ...seats];
"""
PLACES = "return [app.call.info.groupId ?? null, app.call.info.roomId ?? null]"
# Keeps those who are called; then, how it went with each of them.
KEEP = "app.called = [...app.call.remoteParticipants]"
FATES = """
  return app.called.map(({ state, callEndReason }) =>
    callEndReason ? `${state} ${callEndReason.code}/${callEndReason.subCode}` : state);
"""


@pytest.fixture
def call(three: Three) -> Three:
    """The three in a call that Ann has begun."""
    ann, *called = three
    ring(ann, *called)
    for each in called:
        each.do(ACCEPT)
    for each in three:
        each.is_in("Connected", within=MET_WITHIN)
        wait_for(f"both others at {each.name}", partial(_has, each, 2), within=MET_WITHIN)
    return three


@pytest.fixture
def begun(three: Three) -> Three:
    """Ann has called both others; Ben has answered, and at Cy it rings."""
    ann, ben, cy = three
    ring(ann, ben, cy)
    ben.do(ACCEPT)
    for each in (ann, ben):
        each.is_in("Connected", within=MET_WITHIN)
    _meet(ann, ben)
    return three


def _has(client: Client, many: int) -> bool:
    """So many others are connected, and nobody else is listed."""
    return [each.state for each in client.look().others] == ["Connected"] * many


def _meet(*people: Client) -> None:
    """Each sees and hears each of the others."""
    for watcher in people:
        for other in people:
            if watcher is not other:
                watcher.sees(other, within=MET_WITHIN)
                watcher.hears(other, within=MET_WITHIN)


def test_it_rings_at_all_and_those_who_answer_meet(three: Three) -> None:
    ann, ben, cy = three
    ids = [each.user.raw_id for each in (ben, cy)]

    swift("a call to two: rings", partial(ann.do, START, ids=ids), lambda: rings(ben) and rings(cy))
    ann.is_in("Ringing", within=MET_WITHIN)
    ben.do(ACCEPT)
    first = max(each.is_in("Connected", within=MET_WITHIN) for each in (ann, ben))
    assert [state_of(each, cy) for each in (ann, ben)] == ["Ringing", "Ringing"]
    _meet(ann, ben)
    cy.do(ACCEPT)
    second = cy.is_in("Connected", within=MET_WITHIN)
    _, shown = wait_for("all three", lambda: all(_has(each, 2) for each in three), within=5)

    figure("the first to answer: in the call", first, at_most=8, unit="s")
    figure("the second to answer: in the call", second, at_most=8, unit="s")
    figure("the second to answer: there for all", shown, at_most=2, unit="s")
    _meet(*three)
    assert len({each.look().id for each in three}) == 1
    assert [each.look().direction for each in three] == ["Outgoing", "Incoming", "Incoming"]
    names = [{other.name for other in each.look().others} for each in three]
    assert names == [{"Ben", "Cy"}, {"Ann", "Cy"}, {"Ann", "Ben"}]


def test_nothing_that_it_says_of_itself_lets_anybody_in(
    server: Server, office: Office, eye: EngineEye, begun: Three
) -> None:
    ann, ben, cy = begun
    call_id, ids = ann.look().id, ann.do(IDS)
    assert [each.do(PLACES) for each in (ann, ben)] == [[None, None], [None, None]]
    assert cy.do("return app.incoming.info.participantId") in ids

    with agent(server.ready.browser_url, server.secrets) as stranger:
        stranger.hello(office.user().token)
        got = [_tries(stranger, each) for each in ids]
    cy.do(REJECT)
    cy.do(JOIN, place={"groupId": call_id})
    cy.is_in("Connected", within=MET_WITHIN)

    # A group of that name is another call, in which nobody is.
    in_vain = ("another, alone", "400/5751", "400/41006")
    assert got == [("400/10044", *in_vain[1:]), *[in_vain] * (len(ids) - 1)]
    assert (cy.look().id == call_id, cy.look().others) == (False, [])
    assert [_has(each, 1) for each in (ann, ben)] == [True, True]
    inside = {one.identity.partition("~")[0] for one in eye.occupants() if one.room == call_id}
    assert inside == {each.user.raw_id for each in (ann, ben)}


def _tries(stranger: Agent, name: str) -> tuple[str, ...]:
    """How it goes with what is taken for a group's, for a room's, and for what rings for him."""
    ways = (("join", "groupId"), ("join", "roomId"), ("accept", "participantId"))
    return tuple(_outcome(stranger, op, {field: name}) for op, field in ways)


def _outcome(stranger: Agent, op: str, fields: dict[str, str]) -> str:
    try:
        said = stranger.ask(op, **fields, joinId=str(uuid.uuid4()))
    except Refusal as refused:
        return f"{refused.code}/{refused.sub_code}"
    call_id = said["call"]["callId"]
    stranger.leave(call_id)
    which = "the call" if call_id in fields.values() else "another"
    return f"{which}, {'in company' if said['legs'] else 'alone'}"


def test_who_leaves_leaves_the_others_there_until_the_last_one_goes(
    eye: EngineEye, call: Three
) -> None:
    ann, ben, cy = call
    call_id = ann.look().id

    swift("one of three leaves: seen", partial(cy.do, LEAVE), lambda: _has(ann, 1) and _has(ben, 1))
    _meet(ann, ben)
    swift("who called them leaves: seen", partial(ann.do, LEAVE), lambda: _has(ben, 0))

    stays("the last one is there", lambda: ben.look().state == "Connected", for_seconds=2)
    assert call_id in eye.rooms()
    swift("the last one leaves: over", partial(ben.do, LEAVE), lambda: call_id not in eye.rooms())
    assert [each.look().end for each in call] == ["0/0", "0/0", "0/0"]
    assert [each.look().categories for each in call] == [["Success"]] * 3


def test_who_still_rings_may_come_after_the_caller_has_left(begun: Three) -> None:
    ann, ben, cy = begun

    ann.do(LEAVE)
    wait_for("she is gone", lambda: ben.other(ann) is None, within=5)
    cy.do(ACCEPT)

    cy.is_in("Connected", within=MET_WITHIN)
    _meet(ben, cy)
    assert [each.name for each in cy.look().others] == ["Ben"]


def test_it_is_over_when_the_last_of_those_who_were_called_declines(three: Three) -> None:
    ann, ben, cy = three
    ring(ann, ben, cy)
    ann.is_in("Ringing", within=MET_WITHIN)
    ann.do(KEEP)

    swift("the first declines: seen", partial(ben.do, REJECT), lambda: ann.other(ben) is None)
    assert (ann.look().state, ann.do(FATES)) == ("Ringing", ["Disconnected 603/0", "Ringing"])
    swift("the last declines: over", partial(cy.do, REJECT), lambda: _is_over(ann))

    assert (ann.look().end, ann.look().categories) == ("603/0", ["Success"])
    assert [each.heard()[-1] for each in (ben, cy)] == ["incoming ended 603/0"] * 2


def _is_over(client: Client) -> bool:
    return client.look().state == "Disconnected"


def test_who_has_no_device_is_gone_at_once_and_the_others_ring_on(
    office: Office, three: Three
) -> None:
    ann, ben, cy = three
    cy.do("await app.leave()")
    ids = [each.user.raw_id for each in (cy, ben)]

    def is_gone() -> bool:
        return ann.other(cy) is None

    begin = f"app.call = {START}; {KEEP}"
    swift("nobody there, of several: seen", partial(ann.do, begin, ids=ids), is_gone)
    ann.is_in("Ringing", within=MET_WITHIN)
    wait_for("Ben's ring", partial(rings, ben), within=5)
    ben.do(ACCEPT)
    for each in (ann, ben):
        each.is_in("Connected", within=MET_WITHIN)
    _meet(ann, ben)

    assert ann.do(FATES) == ["Disconnected 480/10037", "Connected"]
    assert [each.name for each in ben.look().others] == ["Ann"]


def test_whoever_is_in_it_ends_it_for_everyone(eye: EngineEye, begun: Three) -> None:
    ann, ben, cy = begun
    call_id = ann.look().id

    def is_over() -> bool:
        return _is_over(ann) and cy.heard()[-1].startswith("incoming ended")

    swift("ended for everyone: told to all", partial(ben.do, LEAVE_ALL), is_over)

    assert [each.look().end for each in (ann, ben)] == ["0/4097", "0/0"]
    assert [each.look().categories for each in (ann, ben)] == [["Success"]] * 2
    assert cy.heard()[-1] == "incoming ended 487/0"
    assert cy.refusal(ACCEPT) == "400/41006"
    wait_for("the engine's room to go", lambda: call_id not in eye.rooms(), within=5)
