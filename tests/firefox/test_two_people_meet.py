"""A call in a room between two people of whom one, or both, have Firefox."""

from collections.abc import Iterator
from functools import partial

import pytest
from calls.meeting import JOIN
from support.deadlines import wait_for
from support.office import ATTENDEE, PRESENTER, Office
from support.report import figure
from support.sdkpage import Client

JOINED_WITHIN = 20.0
SEEN_WITHIN = 2.0
HEARD_WITHIN = 3.0

Pair = tuple[Client, Client]


@pytest.fixture
def call(office: Office, two: Pair) -> Iterator[Pair]:
    """Both in the call, with microphone and camera."""
    ann, ben = two
    users = office.user(), office.user()
    place = {"roomId": office.room({users[0]: PRESENTER, users[1]: ATTENDEE})}
    for each, user, name in zip(two, users, ("Ann", "Ben"), strict=True):
        each.enter(user, name)
        each.do(JOIN, place=place)
    for each in two:
        each.is_in("Connected", within=JOINED_WITHIN)
    ann.sees(ben, within=JOINED_WITHIN)
    ben.sees(ann, within=JOINED_WITHIN)
    yield two
    for each in two:
        each.do("await app.leave()")


def test_each_sees_a_picture_that_moves_and_hears_the_other(call: Pair) -> None:
    ann, ben = call

    for one, other in ((ann, ben), (ben, ann)):
        figure("picture moves after", one.watches(other, within=10), at_most=10, unit="s")
        figure("heard after", one.hears(other, within=10), at_most=10, unit="s")

    assert [each.name for each in ann.look().others] == ["Ben"]
    assert [each.name for each in ben.look().others] == ["Ann"]


def test_who_is_muted_is_shown_so_and_not_heard(call: Pair) -> None:
    ann, ben = call
    for mine, watcher in ((ann, ben), (ben, ann)):
        watcher.hears(mine, within=10)

        mine.do("await app.call.mute()")
        muted = _is(watcher, mine, muted=True)
        watcher.hears_nothing_of(mine, within=HEARD_WITHIN)
        mine.do("await app.call.unmute()")
        heard = _is(watcher, mine, muted=False)
        watcher.hears(mine, within=HEARD_WITHIN)

        figure("mute, unmute seen", max(muted, heard), at_most=SEEN_WITHIN, unit="s")


def test_a_camera_that_goes_off_and_on_is_seen_to(call: Pair) -> None:
    ann, ben = call
    for mine, watcher in ((ann, ben), (ben, ann)):
        mine.do("await app.call.stopVideo(app.call.localVideoStreams[0])")
        _shows(watcher, mine, shown=False)
        mine.do("await app.call.startVideo(await app.newCamera())")
        _shows(watcher, mine, shown=True)
        watcher.watches(mine, within=10)


def test_who_leaves_is_gone_for_the_other_and_lets_go_of_his_devices(call: Pair) -> None:
    ann, ben = call
    assert [_devices(each) for each in call] == [2, 2]

    ben.do("await app.call.hangUp()")

    assert ben.ends(within=SEEN_WITHIN).end == "0/0"
    _, took = wait_for("Ben is gone", lambda: ann.look().others == [], within=SEEN_WITHIN)
    figure("gone after", took, at_most=SEEN_WITHIN, unit="s")
    assert _devices(ben) == 0
    assert ben.do("return harness.sent()") == []
    assert ann.look().state == "Connected"
    assert _devices(ann) == 2


def _devices(client: Client) -> int:
    """How many devices the page has open."""
    return int(client.person.evaluate("probe.live()"))


def _is(watcher: Client, whom: Client, *, muted: bool) -> float:
    def is_so() -> bool:
        other = watcher.other(whom)
        return other is not None and other.muted == muted

    what = f"{watcher.name} has {whom.name} {'muted' if muted else 'heard'}"
    return wait_for(what, is_so, within=SEEN_WITHIN + 1, every=0.02)[1]


def _shows(watcher: Client, whom: Client, *, shown: bool) -> None:
    def is_so() -> bool:
        other = watcher.other(whom)
        return other is not None and other.shows("Video") == shown

    wait_for(f"{whom.name}'s camera", is_so, within=SEEN_WITHIN + 1, every=0.02)


LOW = 60
LIMIT = "await app.call.setConstraints({ video: { send: { frameHeight: { max: it.height } } } })"
HEIGHT = "return app.other().videoStreams[0].size.height"
LOOK_AWAY = "app.renderers.splice(0).forEach((one) => one.dispose())"
LOOK_AGAIN = """
  const renderer = new app.VideoStreamRenderer(app.other().videoStreams[0]);
  app.renderers.push(renderer);
  const { target } = await renderer.createView();
  document.querySelector("[data-testid=tile]").replaceChildren(target);
"""


def test_a_picture_stays_as_small_as_the_app_says_when_it_is_watched_again(call: Pair) -> None:
    ann, ben = call
    for mine, watcher in ((ann, ben), (ben, ann)):
        assert watcher.do(HEIGHT) > LOW
        mine.do(LIMIT, height=LOW)
        wait_for("a small picture", partial(_is_small, watcher, small=True), within=10)

        watcher.do(LOOK_AWAY)
        wait_for("nothing sent", partial(_sends_nothing, mine), within=15)
        watcher.do(LOOK_AGAIN)
        watcher.watches(mine, within=10)

        assert _is_small(watcher, small=True)
        mine.do(LIMIT, height=0)
        wait_for("the whole picture", partial(_is_small, watcher, small=False), within=10)


def _is_small(watcher: Client, *, small: bool) -> bool:
    height = int(watcher.do(HEIGHT))
    return height > 0 and (height <= LOW) == small


def _sends_nothing(client: Client) -> bool:
    return bool(client.do("return harness.sizes()") == 0)
