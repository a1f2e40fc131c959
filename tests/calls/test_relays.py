"""Relays of media that an app brings along."""

from calls.meeting import JOIN, MET_WITHIN
from support.office import PRESENTER, Office
from support.sdkpage import Client

# Nobody is there: who has another way goes that.
RELAY = {"urls": ["turn:127.0.0.1:9?transport=udp"], "username": "user", "credential": "word"}
BRING = "app.options = { networkConfiguration: { turn: { iceServers: [it.relay] } } }"


def test_the_browser_may_take_them_and_takes_another_way_where_one_is(
    office: Office, two: tuple[Client, Client]
) -> None:
    ann, ben = two
    users = [office.user(), office.user()]
    room = office.room(dict.fromkeys(users, PRESENTER))
    ann.do(BRING, relay=RELAY)
    for each, user, name in zip(two, users, ("Ann", "Ben"), strict=True):
        each.enter(user, name)
        each.do(JOIN, place={"roomId": room})
        each.is_in("Connected", within=MET_WITHIN)

    ben.sees(ann, within=MET_WITHIN)
    assert ann.do("return harness.relays().at(-1)") == [RELAY]
    assert all(RELAY not in relays for relays in ben.do("return harness.relays()"))
    for each in two:
        each.do("await app.leave(); app.options = {}")
