"""What can be wrong with what is wished for one room."""

from openrooms.rooms.settings.errors import NotOnTheRoster


def test_the_place_of_a_stranger_is_named_and_bounded() -> None:
    (fault,) = NotOnTheRoster("8:acs:" + "x" * 5_000).details

    assert fault.target.startswith("$.permissions.8:acs:x")
    assert len(fault.target) < 1_000
