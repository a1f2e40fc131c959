"""What the errors of calls say."""

from openrooms.calling.errors import BadMessage, CallingError, LegOver


def test_a_leg_that_is_over_says_how_it_ended() -> None:
    over = LegOver(0, 5317, "Removed.")

    assert (over.code, over.sub_code, over.message) == (0, 5317, "Removed.")
    assert isinstance(over, CallingError)


def test_a_bad_message_says_what_is_wrong_with_it() -> None:
    assert BadMessage("`roomId` is missing").message == "`roomId` is missing"
