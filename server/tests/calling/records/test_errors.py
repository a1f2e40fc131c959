"""What can be wrong with a question about the record."""

from openrooms.calling.records.errors import CallNotFound, NoSuchUser


def test_a_call_that_is_not_there_and_a_bad_filter_are_told_apart() -> None:
    assert (CallNotFound.status, CallNotFound.code) == (404, "NotFound")
    assert (NoSuchUser.status, NoSuchUser.code) == (400, "BadRequest")
