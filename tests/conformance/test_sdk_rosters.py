"""Every official SDK, unchanged, manages the people of a room."""

import pytest
from support.sdks import Driver, Refusal, able

MALFORMED = "The request could not be understood by the server due to malformed syntax."
FOREIGN = "8:acs:5fa0c7bb-1111-4444-8888-0123456789ab_00000013-22e9-78c5-88f7-084822008c5e"


@pytest.fixture
def people(sdk: Driver) -> list[str]:
    return [sdk.call("createUser") for _ in range(3)]


def _roster(sdk: Driver, room: str) -> list[list[str]]:
    roster: list[list[str]] = sdk.call("listParticipants", roomId=room)
    return roster


@pytest.mark.parametrize("sdk", able("order"), indirect=True)
def test_a_roster_given_at_creation_is_listed_in_its_order(sdk: Driver, people: list[str]) -> None:
    roles = ["Presenter", "Attendee", "Consumer"]
    wanted = list(zip(people, roles, strict=True))
    given = [{"rawId": who, "role": role} for who, role in wanted]

    room = sdk.call("createRoom", participants=given)["id"]

    assert _roster(sdk, room) == [list(one) for one in wanted]


def test_who_comes_without_a_role_is_an_attendee(sdk: Driver, people: list[str]) -> None:
    one, other, _ = people
    room = sdk.call("createRoom", participants=[{"rawId": one}])["id"]

    sdk.call("addOrUpdateParticipants", roomId=room, participants=[{"rawId": other}])

    assert _roster(sdk, room) == [[one, "Attendee"], [other, "Attendee"]]


def test_adding_changing_and_removing_touches_only_who_is_named(
    sdk: Driver, people: list[str]
) -> None:
    doctor, patient, guest = people
    given = [{"rawId": doctor, "role": "Presenter"}, {"rawId": patient, "role": "Attendee"}]
    room = sdk.call("createRoom", participants=given)["id"]

    change = [{"rawId": guest, "role": "Consumer"}, {"rawId": patient, "role": "Presenter"}]
    sdk.call("addOrUpdateParticipants", roomId=room, participants=change)
    sdk.call("removeParticipants", roomId=room, participants=[doctor])

    assert _roster(sdk, room) == [[patient, "Presenter"], [guest, "Consumer"]]


def test_removing_who_is_not_there_is_no_error(sdk: Driver, people: list[str]) -> None:
    one, other, _ = people
    room = sdk.call("createRoom", participants=[{"rawId": one, "role": "Presenter"}])["id"]

    sdk.call("removeParticipants", roomId=room, participants=[other])

    assert _roster(sdk, room) == [[one, "Presenter"]]


def test_a_room_without_people_has_an_empty_roster(sdk: Driver) -> None:
    room = sdk.call("createRoom", participants=[])["id"]

    sdk.call("addOrUpdateParticipants", roomId=room, participants=[])

    assert _roster(sdk, room) == []


def test_a_roster_of_a_hundred_and_twenty_is_listed_whole(sdk: Driver) -> None:
    everyone = [f"{FOREIGN[:-3]}{number:03x}" for number in range(120)]
    given = [{"rawId": who, "role": "Consumer"} for who in everyone]

    room = sdk.call("createRoom", participants=given)["id"]

    assert sorted(_roster(sdk, room)) == [[who, "Consumer"] for who in everyone]


@pytest.mark.parametrize("sdk", able("collaborator"), indirect=True)
def test_the_newest_role_is_known_to_the_newest_versions(sdk: Driver) -> None:
    room = sdk.call("createRoom", participants=[{"rawId": FOREIGN, "role": "Collaborator"}])["id"]

    assert _roster(sdk, room) == [[FOREIGN, "Collaborator"]]


@pytest.mark.parametrize("who", ["wrong_mri", "8:orgid:5fa0c7bb-1111-4444-8888-0123456789ab"])
def test_who_is_no_user_is_refused_and_nothing_changes(
    sdk: Driver, people: list[str], who: str
) -> None:
    room = sdk.call("createRoom", participants=[{"rawId": people[0], "role": "Presenter"}])["id"]
    both = [{"rawId": people[1], "role": "Attendee"}, {"rawId": who, "role": "Attendee"}]

    refusals = []
    for name, given in (
        ("createRoom", {"participants": both}),
        ("addOrUpdateParticipants", {"roomId": room, "participants": both}),
        ("removeParticipants", {"roomId": room, "participants": [people[0], who]}),
    ):
        with pytest.raises(Refusal) as refused:
            sdk.call(name, **given)
        refusals.append((refused.value.status, refused.value.code, refused.value.message))

    change = (400, "BadRequest", "Invalid value for the Participants.")
    create = (400, "BadRequest", "Invalid format for communication identifier.")
    assert refusals == [create, change, change]
    assert _roster(sdk, room) == [[people[0], "Presenter"]]


@pytest.mark.parametrize("sdk", able("any role"), indirect=True)
def test_an_unknown_role_is_refused_and_nothing_changes(sdk: Driver, people: list[str]) -> None:
    room = sdk.call("createRoom", participants=[{"rawId": people[0], "role": "Presenter"}])["id"]
    wrong = [{"rawId": people[1], "role": "Kafka"}]

    with pytest.raises(Refusal) as create:
        sdk.call("createRoom", participants=wrong)
    with pytest.raises(Refusal) as change:
        sdk.call("addOrUpdateParticipants", roomId=room, participants=wrong)

    place = f"$.participants.{people[1]}.role"
    for refused, first in (
        (create, "createRoomRequestDto"),
        (change, "updateParticipantsRequestDto"),
    ):
        told = refused.value
        assert (told.status, told.code, told.message) == (400, "BadRequest", MALFORMED)
        assert [one[0] for one in told.details] == ["BadArgument", "BadArgument"]
        assert told.details[0][1:] == [f"The {first} field is required.", first]
        assert told.details[1][2] == place
        assert f"Path: {place} | LineNumber: 0 | BytePositionInLine: " in str(told.details[1][1])
    assert _roster(sdk, room) == [[people[0], "Presenter"]]


def test_the_roster_of_a_deleted_room_is_not_found(sdk: Driver, people: list[str]) -> None:
    room = sdk.call("createRoom", participants=[{"rawId": people[0], "role": "Presenter"}])["id"]
    sdk.call("deleteRoom", roomId=room)

    with pytest.raises(Refusal) as listing:
        _roster(sdk, room)
    with pytest.raises(Refusal) as change:
        sdk.call("addOrUpdateParticipants", roomId=room, participants=[{"rawId": people[1]}])

    assert (listing.value.status, change.value.status) == (404, 404)
