"""What is kept of calls."""

from hypothesis import given
from hypothesis import strategies as st

from openrooms.calling.model import EndReason
from openrooms.calling.records.model import LONGEST_PLACE, known_reason, told_place


@given(st.text())
def test_of_an_id_that_is_none_a_little_is_kept_that_can_be_shown(text: str) -> None:
    kept = told_place(text)

    assert len(kept) <= LONGEST_PLACE
    assert kept.isprintable()


def test_a_room_id_and_a_group_id_are_kept_whole() -> None:
    assert told_place("99412345678901234") == "99412345678901234"
    assert told_place(guid := "5fa0c7bb-1111-4444-8888-0123456789ab") == guid


def test_an_end_without_words_is_an_end_and_none_is_none() -> None:
    assert known_reason(0, 0, None) == EndReason(0, 0, "")
    assert known_reason(0, 4097, "Over.") == EndReason(0, 4097, "Over.")
    assert known_reason(None, None, None) is None
    assert known_reason(0, None, None) is None
