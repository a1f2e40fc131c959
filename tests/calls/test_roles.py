"""What each role may do in a call in a room: what the SDK tells, and what it refuses."""

from collections.abc import Iterator

import pytest
from calls.meeting import JOIN, MET_WITHIN
from support.browser import Town
from support.deadlines import wait_for
from support.likeness import DOCTOR
from support.office import Office
from support.report import figure
from support.sdkpage import Client

CHANGED_WITHIN = 2.0
TALKING = {"turnVideoOn", "unmuteMic", "raiseHand", "realTimeText"}
ALWAYS = {"useReactions", "viewAttendeeNames"}
LEADING = {
    *("addCommunicationUser", "removeParticipant", "muteOthers", "spotlightParticipant"),
    *("removeParticipantsSpotlight", "forbidOthersAudio", "forbidOthersVideo"),
}
MAY = {
    "Presenter": TALKING | ALWAYS | LEADING | {"shareScreen"},
    "Collaborator": TALKING | ALWAYS | {"shareScreen"},
    "Attendee": TALKING | ALWAYS,
    "Consumer": ALWAYS,
}
# What an app tries, and the capability that lets it.
TRIES = {
    "await app.call.unmute()": "unmuteMic",
    "await app.call.startVideo(await app.newCamera())": "turnVideoOn",
    "await app.call.startScreenSharing()": "shareScreen",
    "await app.call.feature(app.Features.RaiseHand).raiseHand()": "raiseHand",
    "await app.call.feature(app.Features.RealTimeText).sendRealTimeText('Hello', true)": (
        "realTimeText"
    ),
    "await app.call.muteAllRemoteParticipants()": "muteOthers",
    "await app.call.feature(app.Features.Spotlight).startSpotlight()": "spotlightParticipant",
    "await app.call.feature(app.Features.MediaAccess).forbidOthersAudio()": "forbidOthersAudio",
    "await app.call.feature(app.Features.Reaction).sendReaction({ reactionType: 'like' })": (
        "useReactions"
    ),
}
PUT_BACK = """
  await app.call.mute();
  if (app.call.isLocalVideoStarted) await app.call.stopVideo(app.camera);
  if (app.call.isScreenSharingOn) await app.call.stopScreenSharing();
  await app.call.feature(app.Features.RaiseHand).lowerHand();
  await app.call.feature(app.Features.Spotlight).stopSpotlight();
  // It holds for whoever is an attendee later.
  if (app.capabilities().forbidOthersAudio.isPresent)
    await app.call.feature(app.Features.MediaAccess).permitOthersAudio();
"""
TOLD = """
  const told = Object.entries(app.capabilities());
  return told.filter(([, { isPresent }]) => isPresent).map(([name]) => name);
"""
REASONS = "return Object.values(app.capabilities()).map(({ reason }) => reason)"


@pytest.fixture(scope="module")
def guest(office: Office, neighbours: Town, sdk_page: str) -> Iterator[tuple[Client, str]]:
    """Somebody in the call of a room, alone."""
    client = Client(neighbours.call(DOCTOR), sdk_page)
    client.open()
    user = office.user()
    room = office.room({user: "Attendee"})
    client.enter(user, "Ann")
    client.do(JOIN, place={"roomId": room}, camera=False, muted=True)
    client.is_in("Connected", within=MET_WITHIN)
    yield client, room
    client.do("await app.leave()")


@pytest.mark.parametrize("role", MAY)
def test_a_role_may_what_is_its_and_is_refused_all_else(
    office: Office, guest: tuple[Client, str], role: str
) -> None:
    client, room = guest
    office.invite(room, client.user, role)

    _, took = wait_for(role, lambda: client.look().role == role, within=5, every=0.02)

    figure(f"made {role}: told", took, at_most=CHANGED_WITHIN, unit="s")
    assert set(client.do(TOLD)) == MAY[role]
    assert "NotInitialized" not in client.do(REASONS)
    for snippet, capability in TRIES.items():
        if capability in MAY[role]:
            client.do(snippet)
        else:
            assert client.refusal(snippet).startswith(("403/", "405/")), snippet
    client.do(PUT_BACK)


def test_the_first_capabilities_are_told_as_the_meetings_and_later_ones_as_the_roles(
    guest: tuple[Client, str],
) -> None:
    client, _ = guest
    told = [word for word in client.heard() if word.endswith("Changed")]

    assert told[0] == "MeetingOptionOrOrganizerPolicyChanged"
    assert set(told[1:]) <= {"RoleChanged"}
