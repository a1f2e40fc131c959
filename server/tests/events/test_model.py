"""Users are named in both shapes that receivers know."""

from openrooms.events.model import of_user


def test_a_user_has_a_role_where_there_are_roles() -> None:
    assert of_user("8:acs:a_b", "Attendee") == {**of_user("8:acs:a_b"), "role": "Attendee"}
    assert "role" not in of_user("8:acs:a_b")
