"""What can be wrong with a question why."""

from openrooms.calling.explaining.errors import NoSuchMoment, UserMissing


def test_both_are_bad_requests_that_say_what_to_give() -> None:
    assert (NoSuchMoment.status, UserMissing.status) == (400, 400)
    assert "yyyy-MM-ddTHH:mm:ssZ" in NoSuchMoment.message
    assert "8:acs:" in UserMissing.message
