"""The official Rooms SDK for Python, unchanged, manages rooms over TLS."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from azure.communication.identity import CommunicationUserIdentifier
from azure.communication.rooms import CommunicationRoom, RoomsClient
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from support.office import Office
from support.server import Server

HALF_A_YEAR = timedelta(days=180)
MALFORMED = "The request could not be understood by the server due to malformed syntax."


@pytest.fixture
def rooms(office: Office) -> RoomsClient:
    return office.rooms


@pytest.fixture
def room(rooms: RoomsClient) -> Iterator[CommunicationRoom]:
    made = rooms.create_room()
    yield made
    rooms.delete_room(made.id)


def _at(moment: object) -> datetime:
    """A moment as the SDK gives it: text, whatever its annotations say."""
    return datetime.fromisoformat(str(moment))


def _details(error: HttpResponseError) -> list[tuple[str | None, ...]]:
    assert error.error is not None
    return [(each.code, each.message, each.target) for each in error.error.details]


def test_a_room_made_of_nothing_is_open_for_180_days(room: CommunicationRoom) -> None:
    assert room.id.isdigit()
    assert 15 <= len(room.id) <= 18
    assert abs(datetime.now(UTC) - _at(room.valid_from)) < timedelta(seconds=30)
    assert abs(_at(room.valid_until) - _at(room.valid_from) - HALF_A_YEAR) < timedelta(seconds=1)
    assert room.pstn_dial_out_enabled is False


def test_a_room_keeps_the_window_it_was_given_to_the_microsecond(rooms: RoomsClient) -> None:
    start = datetime.now(UTC) + timedelta(hours=1)
    end = start + timedelta(days=30)

    made = rooms.create_room(valid_from=start, valid_until=end, pstn_dial_out_enabled=True)
    read = rooms.get_room(made.id)

    assert (_at(read.valid_from), _at(read.valid_until)) == (start, end)
    assert read.pstn_dial_out_enabled is True
    assert read.created_at == made.created_at


def test_an_update_changes_what_it_names_and_nothing_else(rooms: RoomsClient) -> None:
    start = datetime.now(UTC) + timedelta(hours=1)
    made = rooms.create_room(
        valid_from=start, valid_until=start + timedelta(days=1), pstn_dial_out_enabled=True
    )

    rooms.update_room(room_id=made.id, valid_until=start + timedelta(days=2))

    read = rooms.get_room(made.id)
    assert (_at(read.valid_from), _at(read.valid_until)) == (start, start + timedelta(days=2))
    assert read.pstn_dial_out_enabled is True


def test_an_update_of_nothing_gives_the_room_as_it_is(
    rooms: RoomsClient, room: CommunicationRoom
) -> None:
    updated = rooms.update_room(room_id=room.id)

    assert updated.valid_until == room.valid_until


def test_a_deleted_room_is_gone_and_may_be_deleted_again(rooms: RoomsClient) -> None:
    made = rooms.create_room()

    rooms.delete_room(made.id)
    rooms.delete_room(made.id)

    with pytest.raises(ResourceNotFoundError) as missing:
        rooms.get_room(made.id)
    assert missing.value.error is not None
    assert missing.value.error.code == "NotFound"
    assert missing.value.error.message == "The server cannot find the requested resource."


def test_deleting_a_room_that_never_was_is_an_error(rooms: RoomsClient) -> None:
    with pytest.raises(ResourceNotFoundError):
        rooms.delete_room("99430570737419440")


def test_a_list_pages_over_forty_rooms_newest_first(rooms: RoomsClient) -> None:
    made = [rooms.create_room().id for _ in range(40)]

    listed = [each.id for each in rooms.list_rooms()]

    assert listed[:40] == made[::-1]
    assert len(set(listed)) == len(listed)
    for room_id in made:
        rooms.delete_room(room_id)
    assert not set(made) & {each.id for each in rooms.list_rooms()}


def test_pages_hold_thirty_rooms(rooms: RoomsClient) -> None:
    made = [rooms.create_room().id for _ in range(31)]

    first = list(next(rooms.list_rooms().by_page()))

    assert len(first) == 30
    for room_id in made:
        rooms.delete_room(room_id)


@pytest.mark.parametrize(
    ("room_id", "message"),
    [
        ("123", "Invalid room ID length."),
        ("invalid_id", "Invalid room ID length."),
        ("NotExistingRoomID", "Invalid room ID."),
        ("non-existingroomId", "Invalid room ID."),
    ],
)
def test_a_malformed_room_id_is_refused_by_length_first(
    rooms: RoomsClient, room_id: str, message: str
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        rooms.get_room(room_id)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert (refused.value.error.code, refused.value.error.message) == ("BadRequest", message)


def test_an_unknown_room_is_not_found(rooms: RoomsClient) -> None:
    with pytest.raises(ResourceNotFoundError):
        rooms.update_room(room_id="78469124725336262", pstn_dial_out_enabled=True)


@pytest.mark.parametrize(
    ("start", "end", "message", "target"),
    [
        (0, 210, "The time range is incorrect, or larger than 180 days.", "ValidUntil"),
        (2, 1, "The time range is incorrect, or larger than 180 days.", "ValidUntil"),
        (-20, -10, "The time range end is in the past.", "ValidUntil"),
        (210, None, "Value is incorrect or more than 180 days in the future.", "ValidFrom"),
    ],
)
def test_a_window_out_of_bounds_is_refused_in_the_services_words(
    rooms: RoomsClient, start: int, end: int | None, message: str, target: str
) -> None:
    now = datetime.now(UTC)
    until = None if end is None else now + timedelta(days=end)

    with pytest.raises(HttpResponseError) as refused:
        rooms.create_room(valid_from=now + timedelta(days=start), valid_until=until)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.message == MALFORMED
    assert _details(refused.value) == [("BadArgument", message, target)]


def test_a_refused_update_changes_nothing(rooms: RoomsClient, room: CommunicationRoom) -> None:
    late = _at(room.valid_from) + timedelta(days=300)

    with pytest.raises(HttpResponseError):
        rooms.update_room(room_id=room.id, valid_until=late, pstn_dial_out_enabled=True)

    read = rooms.get_room(room.id)
    assert read.valid_until == room.valid_until
    assert read.pstn_dial_out_enabled is False


def test_a_wrong_key_is_denied(server: Server) -> None:
    endpoint = server.ready.connection_string.partition(";")[0]
    wrong = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    client = RoomsClient.from_connection_string(f"{endpoint};accesskey={wrong}")

    with client._rooms_service_client, pytest.raises(ClientAuthenticationError) as denied:
        client.create_room()

    assert denied.value.error is not None
    assert denied.value.error.code == "Denied"


def test_an_identity_of_the_sdk_names_a_participant(
    office: Office, rooms: RoomsClient, room: CommunicationRoom
) -> None:
    user = office.identities.create_user()

    office.rooms.add_or_update_participants(room_id=room.id, participants=[])

    assert isinstance(user, CommunicationUserIdentifier)
    assert list(rooms.list_participants(room.id)) == []
