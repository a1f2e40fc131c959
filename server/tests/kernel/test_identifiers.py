"""Which raw ids name users."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.kernel.identifiers import CommunicationUser, are_users, is_guid, parse_user

RESOURCE = "8b1e6004-98fe-4e87-80c1-56087ffec93b"
USER = "00000019-2d4f-e554-a381-0948220023a5"


def test_a_raw_id_is_read_and_written_the_same() -> None:
    raw_id = f"8:acs:{RESOURCE}_{USER}"

    assert parse_user(raw_id) == CommunicationUser(RESOURCE, USER)
    assert CommunicationUser(RESOURCE, USER).raw_id == raw_id


@pytest.mark.parametrize(
    "raw_id",
    [
        f"8:acs:{RESOURCE}_{USER}",
        f"8:dod-acs:{RESOURCE}_{USER}",
        f"8:gcch-acs:{RESOURCE}_{USER}",
        f"8:acs:{RESOURCE.upper()}_{USER}",
    ],
)
def test_users_of_any_resource_and_cloud_are_named(raw_id: str) -> None:
    assert are_users([raw_id])


NO_USERS = [
    "",
    "wrong_mri",
    f"8:acs:{RESOURCE}",
    f"8:acs:{RESOURCE}_{USER}_{USER}",
    f"8:acs:{RESOURCE}_{USER}\n",
    f" 8:acs:{RESOURCE}_{USER}",
    f"8:orgid:{USER}",
    f"8:spool:{RESOURCE}_{USER}",
    "4:+14255550123",
    f"8:acs:{RESOURCE}_{USER}".replace("8b1e", "\uff18b1e"),
]


@pytest.mark.parametrize("raw_id", NO_USERS)
def test_nothing_else_is_a_user(raw_id: str) -> None:
    assert not are_users([f"8:acs:{RESOURCE}_{USER}", raw_id])
    assert parse_user(raw_id) is None


def test_nobody_is_nobody_else() -> None:
    assert are_users([])


@pytest.mark.parametrize(
    "raw_id", [f"8:dod-acs:{RESOURCE}_{USER}", f"8:acs:{RESOURCE.upper()}_{USER}"]
)
def test_a_user_of_another_cloud_or_in_capitals_is_not_ours(raw_id: str) -> None:
    assert parse_user(raw_id) is None


@given(st.text())
def test_no_text_breaks_the_reader(raw_id: str) -> None:
    assert (parse_user(raw_id) is None) or are_users([raw_id])


@given(st.uuids())
def test_every_uuid_is_a_guid(guid: object) -> None:
    assert is_guid(str(guid))


@pytest.mark.parametrize("text", ["", "7", f"{USER}\n", USER.replace("-", ""), f"{{{USER}}}"])
def test_what_is_no_guid_is_none(text: str) -> None:
    assert not is_guid(text)
