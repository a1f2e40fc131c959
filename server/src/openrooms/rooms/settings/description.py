"""What the API for the settings of rooms says of itself."""

from openrooms.http.bodies import MERGE_PATCH
from openrooms.http.description import Described, Description, Node
from openrooms.rooms.settings import wire
from openrooms.rooms.settings.model import Overridable
from openrooms.rooms.settings.routes import NAME, ROOM


def description() -> Description:
    """The two operations."""
    return Description(
        name=NAME,
        title="Room settings",
        says="What may be set for a room beyond the Rooms API. An API of OpenRooms alone.",
        versions=wire.VERSIONS,
        parts={"roomId": "The room's id: digits."},
        error_headers={"x-ms-error-code": "The code of the error."},
        adapt=_adapt,
        operations=(
            Described(
                method="GET",
                path=ROOM,
                id="RoomSettings_Get",
                says="Read what is set for a room.",
                status=200,
                answer=wire.RoomSettingsModel,
                errors=(404,),
            ),
            Described(
                method="PATCH",
                path=ROOM,
                id="RoomSettings_Update",
                says="Set something for a room, at once in its running call: all of it or nothing.",
                status=200,
                takes=wire.UpdateRoomSettingsRequest,
                media_types=tuple(MERGE_PATCH),
                answer=wire.RoomSettingsModel,
                errors=(404,),
            ),
        ),
    )


def _adapt(_version: str, schemas: Node) -> None:
    """Name the capabilities that may be given: the type says of keys no more than that they are text."""
    asked = schemas[wire.UpdateRoomSettingsRequest.__name__]["properties"]["permissions"]
    of_one = asked["additionalProperties"]["anyOf"][0]
    of_one["propertyNames"] = {"enum": [name.value for name in Overridable]}
