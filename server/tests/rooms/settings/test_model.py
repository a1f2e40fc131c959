"""What may be set for one room and one participant."""

from openrooms.rooms.settings.model import RoomSettings, merge_permissions


def test_a_room_may_be_set_to_fewer_seats_than_the_server_and_never_to_more() -> None:
    assert RoomSettings().seats(350) == 350
    assert RoomSettings(participant_limit=2).seats(350) == 2
    assert RoomSettings(participant_limit=200).seats(100) == 100


def test_permissions_are_merged_and_null_takes_one_away() -> None:
    stored = {"shareScreen": True, "unmuteMic": False}

    assert merge_permissions(stored, {"unmuteMic": None, "raiseHand": False}) == {
        "raiseHand": False,
        "shareScreen": True,
    }
