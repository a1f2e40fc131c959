"""The official Rooms SDK for Python, unchanged, manages rosters."""

import pytest
from azure.communication.identity import CommunicationUserIdentifier
from azure.communication.rooms import ParticipantRole, RoomParticipant
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from support.office import ATTENDEE, CONSUMER, PRESENTER, Office, User, identifier

COLLABORATOR = ParticipantRole.COLLABORATOR


def _roster(office: Office, room: str) -> dict[str, str]:
    listed = office.rooms.list_participants(room)
    return {each.communication_identifier.raw_id: each.role for each in listed}


@pytest.fixture
def users(office: Office) -> list[User]:
    return [office.user() for _ in range(4)]


def test_a_roster_given_at_creation_is_listed_in_its_order(
    office: Office, users: list[User]
) -> None:
    roles = (PRESENTER, ATTENDEE, CONSUMER, COLLABORATOR)

    room = office.room(dict(zip(users, roles, strict=True)))

    assert list(_roster(office, room).items()) == [
        (user.raw_id, role.value) for user, role in zip(users, roles, strict=True)
    ]


def test_who_comes_without_a_role_is_an_attendee(office: Office, users: list[User]) -> None:
    who = RoomParticipant(communication_identifier=identifier(users[0]))

    room = office.rooms.create_room(participants=[who])

    assert _roster(office, room.id) == {users[0].raw_id: "Attendee"}


def test_adding_changing_and_removing_touches_only_who_is_named(
    office: Office, users: list[User]
) -> None:
    doctor, patient, guest, _ = users
    room = office.room({doctor: PRESENTER, patient: ATTENDEE})

    office.invite(room, guest, CONSUMER)
    office.invite(room, patient, PRESENTER)
    office.expel(room, doctor)

    assert _roster(office, room) == {patient.raw_id: "Presenter", guest.raw_id: "Consumer"}


def test_removing_who_is_not_there_is_no_error(office: Office, users: list[User]) -> None:
    room = office.room({users[0]: PRESENTER})

    office.expel(room, users[1])

    assert _roster(office, room) == {users[0].raw_id: "Presenter"}


def test_a_roster_of_sixty_is_listed_whole(office: Office) -> None:
    everyone = [office.identities.create_user().properties["id"] for _ in range(60)]
    roster = {User(raw_id, ""): ATTENDEE for raw_id in everyone}

    room = office.room(roster)

    assert list(_roster(office, room)) == everyone


@pytest.mark.parametrize("raw_id", ["wrong_mri", "8:orgid:5fa0c7bb-1111-4444-8888-0123456789ab"])
def test_a_participant_who_is_no_communication_user_is_refused(office: Office, raw_id: str) -> None:
    room = office.room({})

    with pytest.raises(HttpResponseError) as refused:
        office.invite(room, User(raw_id, ""))

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.message == "Invalid value for the Participants."
    assert _roster(office, room) == {}


def test_a_room_with_a_participant_of_wrong_form_is_not_made(office: Office) -> None:
    before = [room.id for room in office.rooms.list_rooms()]

    with pytest.raises(HttpResponseError) as refused:
        office.room({User("wrong_mri", ""): ATTENDEE})

    assert refused.value.error is not None
    assert refused.value.error.message == "Invalid format for communication identifier."
    assert [room.id for room in office.rooms.list_rooms()] == before


def test_an_unknown_role_is_refused_and_changes_nothing(office: Office, users: list[User]) -> None:
    room = office.room({users[0]: PRESENTER})
    who = RoomParticipant(communication_identifier=identifier(users[1]), role="Kafka")

    with pytest.raises(HttpResponseError) as refused:
        office.rooms.add_or_update_participants(room_id=room, participants=[who])

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert {each.code for each in refused.value.error.details} == {"BadArgument"}
    assert _roster(office, room) == {users[0].raw_id: "Presenter"}


def test_the_roster_of_a_deleted_room_is_not_found(office: Office, users: list[User]) -> None:
    room = office.room({users[0]: PRESENTER})
    office.delete(room)

    with pytest.raises(ResourceNotFoundError):
        list(office.rooms.list_participants(room))
    with pytest.raises(ResourceNotFoundError):
        office.invite(room, users[1])


def test_a_user_of_another_resource_may_be_invited(office: Office) -> None:
    foreign = "8:acs:5fa0c7bb-1111-4444-8888-0123456789ab_00000013-22e9-78c5-88f7-084822008c5e"
    room = office.room({User(foreign, ""): CONSUMER})

    assert _roster(office, room) == {CommunicationUserIdentifier(foreign).raw_id: "Consumer"}
