"""Where as many microphones are open as may be, one more is refused, and gets in when somebody mutes."""

import json
from collections.abc import Iterator

import pytest
from calls.meeting import MET_WITHIN
from support.deadlines import wait_for
from support.engine import EngineEye
from support.office import PRESENTER, Office
from support.sdkpage import Client
from support.server import Server

JOIN_SPEAKING = "app.call = app.agent.join(it.place, { audioOptions: { muted: false } })"
FULL = "412/49027"
WARNED = """
  return app.call.feature(app.Features.UserFacingDiagnostics).media.getLatest()
    .microphoneMuteUnexpectedly?.value ?? false
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One in which one microphone may be open in a call."""
    folder = tmp_path_factory.mktemp("server")
    settings = folder / "one.toml"
    settings.write_text("open_microphones = 1\n")
    made = Server(folder, "--config", str(settings))
    with made.running():
        yield made


def test_who_was_refused_is_heard_after_another_has_muted(
    office: Office, eye: EngineEye, two: tuple[Client, Client]
) -> None:
    ann, ben = two
    users = [office.user(), office.user()]
    room = office.room(dict.fromkeys(users, PRESENTER))
    for each, user, name in zip(two, users, ("Ann", "Ben"), strict=True):
        each.enter(user, name)
        each.do(JOIN_SPEAKING, place={"roomId": room})
        each.is_in("Connected", within=MET_WITHIN)
        wait_for("Ann's microphone to be open", lambda: _is_open(eye, ann), within=MET_WITHIN)
    ben.hears(ann, within=MET_WITHIN)

    wait_for("who came second to be muted", lambda: ben.look().muted, within=MET_WITHIN)
    assert ben.do(WARNED)
    assert [ben.refusal("await app.call.unmute()") for _ in range(2)] == [FULL, FULL]
    assert ben.look().muted
    assert not _is_open(eye, ben)
    ann.hears_nothing_of(ben, within=MET_WITHIN)

    ann.do("await app.call.mute()")
    ben.do("await app.call.unmute()")

    assert not ben.look().muted
    assert not ben.do(WARNED)
    ann.hears(ben, within=MET_WITHIN)
    assert ann.refusal("await app.call.unmute()") == FULL
    ann.do("await app.call.muteAllRemoteParticipants()")
    wait_for("Ben to be muted", lambda: ben.look().muted, within=MET_WITHIN)
    ann.do("await app.call.unmute()")
    assert ben.refusal("await app.call.unmute()") == FULL
    ann.do("await app.leave()")
    ben.do("await app.call.unmute()")

    assert not ben.look().muted
    ben.do("await app.leave()")


def _is_open(eye: EngineEye, whom: Client) -> bool:
    places = [json.loads(place.text) for place in eye.of(whom.user.raw_id)]
    tracks = [track for place in places for track in place.get("tracks", [])]
    return [track.get("muted", False) for track in tracks] == [False]
