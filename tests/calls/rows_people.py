"""Rows about who is in a call, how he came, and how he went."""

from functools import partial

from calls.columns import Kind
from calls.meeting import ACCEPT, JOIN, MET_WITHIN, Meeting, ring, rings, row, state_of
from support.deadlines import wait_for
from support.report import figure
from support.sdkpage import Client

GROUP_LIKE = (Kind.GROUP, Kind.ROOM)
GONE_WITHIN = 2.0


@row("C-01", "C-43", kinds=(Kind.DIRECT,))
def one_calls_the_other(meeting: Meeting) -> None:
    ann, ben = meeting.both

    assert (ann.look().direction, ben.look().direction) == ("Outgoing", "Incoming")
    states = [word for word in ann.heard() if word in ("Connecting", "Ringing", "Connected")]
    assert states == ["Connecting", "Ringing", "Connected"]
    states = [word for word in ben.heard() if word in ("Connecting", "Ringing", "Connected")]
    assert states == ["Connecting", "Connected"]
    assert "incoming from Ann" in ben.heard()
    assert ben.look().id == ben.do("return app.incoming.id")
    assert ben.do("return app.call.callerInfo.identifier.communicationUserId") == ann.user.raw_id
    assert not ann.do("return app.call.info.roomId ?? app.call.info.groupId")


@row("C-02", kinds=(Kind.GROUP,))
def whoever_knows_the_group_id_is_in_it(meeting: Meeting) -> None:
    ann, ben = meeting.both

    assert ann.look().id == ben.look().id
    assert ann.do("return app.call.info.groupId") == meeting.place["groupId"]
    assert ann.look().role == ben.look().role == "Unknown"


@row("C-04", kinds=GROUP_LIKE)
def who_comes_later_finds_everybody_and_their_pictures(meeting: Meeting) -> None:
    ann, ben = meeting.both
    ben.do("await app.call.hangUp()")
    _, gone = wait_for("he is gone", lambda: ann.other(ben) is None, within=5, every=0.02)
    seen = len(ann.heard())

    ben.do(JOIN, place=meeting.place)
    took = ben.is_in("Connected", within=MET_WITHIN)

    figure("leaving seen", gone, at_most=GONE_WITHIN, unit="s")
    figure("joining", took, at_most=8, unit="s")
    assert [each.name for each in ben.look().others] == ["Ann"]
    ben.sees(ann, within=MET_WITHIN)
    ann.sees(ben, within=MET_WITHIN)
    assert "people +1 -0" in ann.heard()[seen:]


@row("C-13")
def somebody_else_is_connected_then_gone(meeting: Meeting) -> None:
    ann, ben = meeting.both
    other = ann.other(ben)

    assert other is not None
    assert other.state == "Connected"


@row("C-14")
def the_call_is_connected_after_connecting(meeting: Meeting) -> None:
    for each in meeting.both:
        told = each.heard()
        assert told.index("Connecting") < told.index("Connected")
        assert told[0].startswith(("calls +1", "incoming"))
        assert each.look().state == "Connected"


@row("C-21", "C-41")
def each_lists_the_others_and_not_himself(meeting: Meeting) -> None:
    ann, ben = meeting.both

    for mine, other in ((ann, ben), (ben, ann)):
        listed = mine.look().others
        assert [(each.raw_id, each.name) for each in listed] == [(other.user.raw_id, other.name)]
        assert listed[0].endpoints == 1
        kinds = mine.do("return app.call.remoteParticipants.map((one) => one.identifier.kind)")
        assert kinds == ["communicationUser"]


@row("C-16")
def why_somebody_left_is_told_to_himself(meeting: Meeting) -> None:
    ann, ben = meeting.both

    ben.do("await app.call.hangUp()")

    assert ben.look().end == "0/0"
    assert ben.look().categories == ["Success"]
    assert ben.heard()[-2:] == ["Disconnected", "calls +0 -1"]
    if meeting.kind is Kind.DIRECT:
        # Between two people a call ends with either.
        assert ann.ends(within=GONE_WITHIN).end == "0/0"
        ben.do("app.incoming = undefined")
        ring(ann, ben)
        ben.do(ACCEPT)
    else:
        wait_for("he is gone", lambda: ann.other(ben) is None, within=GONE_WITHIN)
        ben.do(JOIN, place=meeting.place)
    for each in meeting.both:
        each.is_in("Connected", within=MET_WITHIN)
    meeting.meet()


ADD = """
  app.added = app.call.addParticipant({ communicationUserId: it.id });
  return app.added.state;
"""
REMOVE = "await app.call.removeParticipant({ communicationUserId: it.id })"
FATE = """
  const { code, subCode } = app.added.callEndReason ?? {};
  return app.added.state === "Disconnected" ? `${code}/${subCode}` : null;
"""


def _ring_in(meeting: Meeting) -> None:
    """Cy is rung by Ann, answers, and is there for both."""
    ann, cy = meeting.ann, meeting.cy
    assert ann.do(ADD, id=cy.user.raw_id) in ("Connecting", "Ringing")
    wait_for("it rings", lambda: rings(cy), within=5)
    wait_for("he rings", lambda: state_of(ann, cy) == "Ringing", within=GONE_WITHIN)
    cy.do(ACCEPT, camera=False, muted=True)
    cy.is_in("Connected", within=MET_WITHIN)
    for each in meeting.both:
        is_there = partial(_is_connected, each, cy)
        wait_for(f"he is there for {each.name}", is_there, within=GONE_WITHIN)
    assert ann.do("return app.added === app.call.remoteParticipants.at(-1)")


def _is_connected(watcher: Client, whom: Client) -> bool:
    return state_of(watcher, whom) == "Connected"


def _is_gone(watcher: Client, whom: Client) -> bool:
    return watcher.other(whom) is None


def _take_out(meeting: Meeting, *, by: Client) -> None:
    """Somebody takes Cy out: he is told, and gone for the others."""
    cy = meeting.cy
    by.do(REMOVE, id=cy.user.raw_id)

    assert cy.ends(within=5).end == "0/5300"
    assert cy.look().categories == ["Success"]
    for each in meeting.both:
        _, took = wait_for(f"he is gone for {each.name}", partial(_is_gone, each, cy), within=5)
        figure(f"removal seen by {each.name}", took, at_most=GONE_WITHIN, unit="s")
    assert by.refusal(REMOVE, id=cy.user.raw_id) == "400/41054"


@row("C-05", "C-22", "C-43", kinds=(Kind.GROUP,))
def whoever_is_there_rings_others_in_and_takes_them_out(meeting: Meeting) -> None:
    meeting.user(meeting.cy, "Cy")

    _ring_in(meeting)

    _take_out(meeting, by=meeting.ben)


@row("C-05", "C-22", kinds=(Kind.ROOM,))
def a_presenter_rings_in_whom_the_roster_has_and_nobody_else(meeting: Meeting) -> None:
    ann, ben, cy = meeting.ann, meeting.ben, meeting.cy
    stranger = meeting.office.user()
    meeting.user(cy, "Cy")

    ann.do(ADD, id=stranger.raw_id)
    fate, _ = wait_for("a stranger is not rung", lambda: ann.do(FATE), within=5)
    assert fate == "403/5828"
    assert len(ben.look().others) == 1
    assert ben.refusal(ADD, id=cy.user.raw_id) == "403/49001"
    _ring_in(meeting)
    assert ben.refusal(REMOVE, id=cy.user.raw_id) == "403/49001"
    _take_out(meeting, by=ann)


@row("C-03", kinds=(Kind.ROOM,))
def a_call_in_a_room_stays_one(meeting: Meeting) -> None:
    # Nothing makes a call into one of a room: what is one has its room from its beginning.
    for each in meeting.both:
        assert each.do("return app.call.info.roomId") == meeting.place["roomId"]
        assert each.refusal("app.agent.join(it.place)", place=meeting.place) == "409/49005"


# The last row of its kind: a call of two that somebody was added to is one of many for good.
@row("C-03", "C-05", "C-22", kinds=(Kind.DIRECT,))
def a_call_of_two_becomes_one_of_many(meeting: Meeting) -> None:
    ann, ben = meeting.both
    before = ann.look().id
    meeting.user(meeting.cy, "Cy")

    _ring_in(meeting)

    assert (ann.look().id, ben.look().id, meeting.cy.look().id) == (before, before, before)
    assert ann.do("return app.agent.calls.length") == 1
    _take_out(meeting, by=ann)
    assert ann.look().state == ben.look().state == "Connected"
