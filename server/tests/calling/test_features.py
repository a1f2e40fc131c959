"""What goes on in a call beside media."""

from dataclasses import replace
from datetime import UTC, datetime

from openrooms.calling.capabilities import CallKind, Standing, decide
from openrooms.calling.features import Features, gather, left_to
from openrooms.calling.model import Call, Leg, Member
from openrooms.rooms.model import Role

from .samples import LEG

CALL = Call("call", "resource", CallKind.ROOM, "server", datetime(2026, 11, 22, tzinfo=UTC))


def leg(raw_id: str, role: Role = Role.ATTENDEE) -> Leg:
    return replace(
        LEG, raw_id=raw_id, role=role, capabilities=decide(Standing(CallKind.ROOM, role))
    )


def test_hands_and_spotlights_stand_in_the_order_in_which_they_came() -> None:
    members = {"a": Member("a", hand=2, spotlight=1), "b": Member("b", hand=1, spotlight=2)}

    told = gather(CALL, members, [leg("a"), leg("b")])

    assert (told.hands, told.spotlights) == (("b", "a"), ("a", "b"))


def test_who_is_not_there_is_not_told_of() -> None:
    gone = {"a": Member("a", hand=1, spotlight=1, audio=False)}

    assert gather(CALL, gone, [leg("b")]) == Features()


def test_those_are_told_of_for_whom_it_is_otherwise_than_for_attendees() -> None:
    muted = replace(CALL, attendees_audio=False)
    members = {
        "a": Member("a", audio=True),
        "b": Member("b", audio=False),
        "c": Member("c", audio=True),
        "d": Member("d", video=False),
    }

    told = gather(
        muted, members, [leg("a"), leg("b"), leg("c", Role.PRESENTER), leg("d"), leg("e")]
    )

    assert (told.audio, told.video) == (False, True)
    assert told.others == (("a", True, True), ("d", False, False))


def test_what_single_ones_are_forbidden_is_for_who_may_change_it() -> None:
    told = Features(("a",), ("b",), audio=False, others=(("c", True, True),))

    assert told.seen_by(leg("p", Role.PRESENTER)) == told
    assert told.seen_by(leg("a")) == replace(told, others=())


def test_who_becomes_consumer_has_neither_hand_nor_spotlight() -> None:
    shown = Member("a", hand=1, spotlight=1)
    silent = decide(Standing(CallKind.ROOM, Role.ATTENDEE, permissions={"raiseHand": False}))

    assert left_to(shown, leg("a")) == shown
    assert left_to(shown, leg("a", Role.CONSUMER)) == Member("a")
    assert left_to(shown, replace(leg("a"), capabilities=silent)) == replace(shown, hand=None)
