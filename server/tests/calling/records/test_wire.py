"""Places in lists are read as they were written, and what is open has no end."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import EndReason
from openrooms.calling.records import wire
from openrooms.calling.records.model import Anchor, KeptCall, KeptLeg, Place, Refusal
from openrooms.rooms.model import Role

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REASON = EndReason(403, 5828, "No.")
TOLD = {"code": 403, "subCode": 5828, "message": "No."}
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone comes with them
OF = st.one_of(st.none(), st.sampled_from(["99412345678901234", "8:acs:a_b"]))


@given(MOMENTS, st.uuids().map(str), OF)
def test_a_place_in_a_list_is_read_as_it_was_written(
    at: datetime, row: str, of: str | None
) -> None:
    anchor = Anchor(at, row)

    assert wire.read_anchor(wire.write_anchor(anchor, of)) == (anchor, of)


@given(st.integers(1), OF)
def test_so_is_a_number(number: int, of: str | None) -> None:
    assert wire.read_number(wire.write_number(number, of)) == (number, of)


def test_a_call_that_goes_on_has_no_end() -> None:
    call = KeptCall("c", CallKind.GROUP, None, "g", "s", AT, None, None)

    told = json.loads(wire.write_calls((call,), "https://next"))

    assert told["nextLink"] == "https://next"
    assert told["value"] == [
        {
            "callId": "c",
            "kind": "group",
            "roomId": None,
            "groupId": "g",
            "serverCallId": "s",
            "startedAt": "2026-11-22T09:00:00+00:00",
            "endedAt": None,
            "endReason": None,
        }
    ]


def test_a_room_is_told_as_text_and_an_end_with_its_words() -> None:
    call = KeptCall("c", CallKind.ROOM, 99412345678901234, None, "s", AT, AT, REASON)

    told = json.loads(wire.write_call(call))

    assert told["roomId"] == "99412345678901234"
    assert (told["endedAt"], told["endReason"]) == ("2026-11-22T09:00:00+00:00", TOLD)


def test_legs_and_refusals_are_told_and_a_last_page_has_no_link() -> None:
    leg = KeptLeg("p", "8:acs:a_b", "Ann", Role.PRESENTER, None, True, False, AT, None, None)  # noqa: FBT003 - as they stand
    refusal = Refusal("r", "8:acs:a_b", Place(CallKind.ROOM, "1"), AT, REASON, 3)

    legs = json.loads(wire.write_legs((leg,)))
    refusals = json.loads(wire.write_refusals((refusal,)))

    assert (legs["value"][0]["role"], legs["value"][0]["answered"]) == ("Presenter", True)
    assert (refusals["value"][0]["reason"], refusals["value"][0]["more"]) == (TOLD, 3)
    assert "nextLink" not in legs
    assert "nextLink" not in refusals
