"""How ringing ends: what both sides are told, what others see of it, and how soon."""

import sqlite3
from contextlib import closing
from functools import partial

from calls.meeting import (
    ACCEPT,
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
from calls.rows_people import ADD, FATE, REMOVE
from support.deadlines import stays, wait_for
from support.office import Office
from support.report import figure
from support.sdkpage import Client
from support.server import Server

# How it went with what rang here, as the app reads it.
HOW = """
  const { code, subCode, resultCategories } = app.incoming.callEndReason ?? {};
  return code === undefined ? null : `${code}/${subCode} ${resultCategories}`;
"""
# Timers that another has moved are looked at so often, at the latest.
NOTICED_WITHIN = 7.0


def _how(client: Client) -> str | None:
    """How it went with what rang; None while it rings."""
    told: str | None = client.do(HOW)
    return told


def _end(client: Client) -> tuple[str | None, ...]:
    """How his call ended: the numbers, and of what sort they are."""
    look = client.look()
    return look.end, *look.categories


def _is_over(client: Client) -> bool:
    return client.look().state == "Disconnected"


def _cannot_be_answered(client: Client) -> None:
    assert client.refusal(ACCEPT) == "400/41006"
    assert client.refusal(REJECT) == "400/41007"
    assert client.do("return app.agent.calls.length") == 0


def _call(caller: Client, *called: Client) -> None:
    """It rings at both ends."""
    ring(caller, *called)
    caller.is_in("Ringing", within=MET_WITHIN)


def _talk(caller: Client, called: Client) -> None:
    """Two are in a call."""
    ring(caller, called)
    called.do(ACCEPT)
    _meet(caller, called)


def _meet(*both: Client) -> None:
    one, other = both
    for each in both:
        each.is_in("Connected", within=MET_WITHIN)
    one.sees(other, within=MET_WITHIN)
    other.sees(one, within=MET_WITHIN)


def _two_devices(three: Three) -> Three:
    """Ann, and Ben at both of the other browsers; it rings at both of his."""
    ann, ben, phone = three
    phone.enter(ben.user, "Ben")
    _call(ann, ben)
    wait_for("the ring of his phone", partial(rings, phone), within=5)
    return ann, ben, phone


def test_what_is_answered_on_one_device_rings_no_more_on_the_other(three: Three) -> None:
    ann, ben, phone = _two_devices(three)

    swift("answered elsewhere: told", partial(phone.do, ACCEPT), lambda: _how(ben) is not None)

    assert _how(ben) == "487/10003 Success"
    assert ben.heard()[-1] == "incoming ended 487/10003"
    _cannot_be_answered(ben)
    _meet(ann, phone)
    ann.hears(phone, within=MET_WITHIN)
    assert [(each.name, each.endpoints) for each in ann.look().others] == [("Ben", 1)]


def test_what_one_device_declines_rings_on_until_all_have(three: Three) -> None:
    ann, ben, phone = _two_devices(three)

    ben.do(REJECT)
    stays("it rings on", lambda: ann.look().state == "Ringing", for_seconds=1)
    assert (_how(ben), _how(phone)) == ("603/0 Success", None)
    swift("declined by all devices: told", partial(phone.do, REJECT), partial(_is_over, ann))

    assert _end(ann) == ("487/10024", "Success")
    assert _how(phone) == "603/0 Success"


def test_a_caller_who_gives_up_ends_the_ringing(three: Three) -> None:
    ann, ben, _ = three
    _call(ann, ben)

    swift("cancelled: told", partial(ann.do, LEAVE), lambda: _how(ben) is not None)

    assert _end(ann) == ("0/0", "Success")
    assert _how(ben) == "487/0 Success"
    assert ben.heard()[-1] == "incoming ended 487/0"
    _cannot_be_answered(ben)


def test_who_declines_ends_the_call_of_who_called_him(three: Three) -> None:
    ann, ben, _ = three
    _call(ann, ben)

    swift("declined: told", partial(ben.do, REJECT), partial(_is_over, ann))

    assert _end(ann) == ("603/0", "Success")
    assert _how(ben) == "603/0 Success"
    assert ben.heard()[-1] == "incoming ended 603/0"
    _cannot_be_answered(ben)


def test_where_nobody_can_be_reached_the_call_is_over_at_once(office: Office, three: Three) -> None:
    ann, *_ = three
    begin = f"app.call = {START}"

    nobody = [office.user().raw_id]
    swift("nobody there: told", partial(ann.do, begin, ids=nobody), partial(_is_over, ann))

    assert _end(ann) == ("480/10037", "ExpectedError")
    states = [word for word in ann.heard() if not word.startswith("people")]
    assert states == ["calls +1 -0", "Connecting", "Disconnected", "calls +0 -1"]


def test_what_nobody_answers_is_over_at_both_ends(server: Server, three: Three) -> None:
    ann, ben, _ = three
    _call(ann, ben)

    # Two minutes of ringing, in no time: they are counted there, and nowhere else.
    with closing(sqlite3.connect(server.data / "openrooms.db")) as database, database:
        changed = database.execute("UPDATE timer SET due_at = 0 WHERE what = 'ring'")
        assert changed.rowcount == 1
    wait_for("it is over for her", partial(_is_over, ann), within=NOTICED_WITHIN, every=0.02)
    _, told = wait_for("and for him", lambda: _how(ben) is not None, within=5, every=0.02)

    figure("not answered in time: told to the callee after the caller", told, at_most=2, unit="s")
    assert _end(ann) == ("487/10004", "ExpectedError")
    assert _how(ben) == "487/10004 ExpectedError"
    _cannot_be_answered(ben)


def test_it_rings_at_who_is_in_another_call_and_that_call_goes_on(three: Three) -> None:
    ann, ben, cy = three
    _talk(cy, ben)
    ben.do("app.first = app.call; app.incoming = undefined")

    _call(ann, ben)
    assert (ben.look().state, cy.look().state) == ("Connected", "Connected")
    assert [each.state for each in cy.look().others] == ["Connected"]
    swift("declined in a call: told", partial(ben.do, REJECT), partial(_is_over, ann))
    assert _end(ann) == ("603/0", "Success")
    assert ben.look().id == cy.look().id
    _meet(ben, cy)

    ben.do("app.incoming = undefined")
    _call(ann, ben)
    ben.do(ACCEPT)
    held = cy.is_in("RemoteHold", within=MET_WITHIN)
    figure("answered in a call: the other is on hold", held, at_most=5, unit="s")
    _meet(ann, ben)
    assert ben.do("return app.first.state") == "LocalHold"
    ben.do(LEAVE)
    assert ann.ends(within=5).end == "0/0"
    ben.do("await app.first.resume()")
    cy.is_in("Connected", within=MET_WITHIN)
    cy.sees(ben, within=MET_WITHIN)
    cy.hears(ben, within=MET_WITHIN)


def _ring_in(three: Three) -> None:
    """Ann and Ben are in a call, and Cy is called into it: it rings, and both see that."""
    ann, ben, cy = three
    _talk(ann, ben)
    ann.do(ADD, id=cy.user.raw_id)
    wait_for("Cy's ring", partial(rings, cy), within=5)
    wait_for("he rings for both", partial(_both_see_ringing, three), within=5)


def _people(client: Client) -> list[str]:
    """Who came and went, so far."""
    return [word for word in client.heard() if word.startswith("people")]


def _both_see_ringing(three: Three) -> bool:
    ann, ben, cy = three
    return state_of(ann, cy) == state_of(ben, cy) == "Ringing"


def _both_lose(three: Three) -> bool:
    ann, ben, cy = three
    return ann.other(cy) is None and ben.other(cy) is None


def test_who_is_called_into_a_call_and_declines_leaves_it_as_it_was(three: Three) -> None:
    ann, ben, cy = three
    _ring_in(three)
    ben.do("app.added = app.call.remoteParticipants.at(-1)")

    swift("declined in: seen by both", partial(cy.do, REJECT), partial(_both_lose, three))

    assert [each.do(FATE) for each in (ann, ben)] == ["603/0", "603/0"]
    assert _how(cy) == "603/0 Success"
    assert cy.do("return app.agent.calls.length") == 0
    _meet(ann, ben)


def test_who_is_called_into_a_call_in_vain_is_no_longer_called(three: Three) -> None:
    ann, ben, cy = three
    _ring_in(three)
    ben.do("app.added = app.call.remoteParticipants.at(-1)")

    # Whoever is in the call may: he did not call him.
    give_up = partial(ben.do, REMOVE, id=cy.user.raw_id)
    swift("ringing given up: told", give_up, lambda: _how(cy) is not None)

    assert _how(cy) == "487/0 Success"
    wait_for("both see it", partial(_both_lose, three), within=5)
    assert [each.do(FATE) for each in (ann, ben)] == ["487/0", "487/0"]
    _cannot_be_answered(cy)
    _meet(ann, ben)


def test_who_is_called_into_a_call_and_has_no_device_is_gone_at_once(
    office: Office, three: Three
) -> None:
    ann, ben, _ = three
    _talk(ann, ben)
    before = len(_people(ben))
    nobody = office.user().raw_id

    def is_told() -> bool:
        return ann.do(FATE) is not None

    swift("nobody there, called into a call: told", partial(ann.do, ADD, id=nobody), is_told)

    assert ann.do(FATE) == "480/10037"
    assert [each.name for each in ann.look().others] == ["Ben"]
    # The other sees him come and go, too.
    shown = ["people +1 -0", "people +0 -1"]
    wait_for("both at Ben", lambda: _people(ben)[-2:] == shown, within=5)
    assert len(_people(ben)) == before + len(shown)
    _meet(ann, ben)


def test_who_is_called_into_a_call_and_declines_by_himself_at_once_is_gone(three: Three) -> None:
    ann, ben, cy = three
    _talk(ann, ben)
    cy.do("app.agent.on('incomingCall', ({ incomingCall }) => incomingCall.reject())")

    def is_told() -> bool:
        return ann.do(FATE) is not None

    swift("declined at once: told", partial(ann.do, ADD, id=cy.user.raw_id), is_told)

    assert ann.do(FATE) == "603/0"
    assert _how(cy) == "603/0 Success"
    wait_for("both see it", partial(_both_lose, three), within=5)
