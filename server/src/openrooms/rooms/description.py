"""What the Rooms API says of itself.

A file of its own: a description is neither served by an operation nor read from the wire.
"""

from openrooms.http.bodies import JSON, MERGE_PATCH
from openrooms.http.description import Described, Description, Node, Parameter
from openrooms.rooms import wire
from openrooms.rooms.model import Role
from openrooms.rooms.routes import PARTICIPANTS, PATH, ROOM

NEXT_LINK = Parameter("nextLink", "query", "Where the list goes on, from the link of a page.")
REPEATS = (
    Parameter(
        "Repeatability-Request-ID",
        "header",
        "A name for the request, so that sending it again makes no second room.",
        {"type": "string", "format": "uuid"},
    ),
    Parameter(
        "Repeatability-First-Sent",
        "header",
        "When it was sent first, as an HTTP date: at most 5 minutes ago.",
    ),
)


def description() -> Description:
    """The seven operations on rooms."""
    return Description(
        name="rooms",
        title="Rooms",
        says="Rooms for voice and video calls: for the people on their lists, while they are open.",
        versions=wire.VERSIONS,
        parts={"roomId": "The room's id: digits."},
        error_headers={"x-ms-error-code": "The code of the error."},
        adapt=_adapt,
        operations=(*_ROOMS, *_PARTICIPANTS),
    )


def _adapt(version: str, schemas: Node) -> None:
    """Older versions give nobody the role that came last, though they tell who has it."""
    if version < wire.COLLABORATOR_SINCE:
        older = sorted(role for role in Role if role is not Role.COLLABORATOR)
        properties = schemas[wire.ParticipantProperties.__name__]["properties"]
        properties["role"] = {"anyOf": [{"enum": older}, {"type": "null"}], "default": None}


_ROOMS = (
    Described(
        method="POST",
        path=PATH,
        id="Rooms_Create",
        says="Create a room, with its roster.",
        status=201,
        takes=wire.CreateRoomRequest,
        media_types=tuple(JSON),
        answer=wire.RoomModel,
        parameters=REPEATS,
        headers={
            "Location": "The id of the room.",
            "Repeatability-Result": "accepted: sending it again makes no second room.",
        },
        errors=(409, 412),
    ),
    Described(
        method="GET",
        path=PATH,
        id="Rooms_List",
        says="List the rooms that have not ended, newest first.",
        status=200,
        answer=wire.RoomsCollection,
        parameters=(NEXT_LINK,),
    ),
    Described(
        method="GET",
        path=ROOM,
        id="Rooms_Get",
        says="Read a room.",
        status=200,
        answer=wire.RoomModel,
        errors=(404,),
    ),
    Described(
        method="PATCH",
        path=ROOM,
        id="Rooms_Update",
        says="Change a room. What is left out, or null, stays.",
        status=200,
        takes=wire.UpdateRoomRequest,
        media_types=tuple(MERGE_PATCH),
        answer=wire.RoomModel,
        errors=(404,),
    ),
    Described(
        method="DELETE",
        path=ROOM,
        id="Rooms_Delete",
        says="Delete a room, and end its call. Once more changes nothing.",
        status=204,
        errors=(404,),
    ),
)
_PARTICIPANTS = (
    Described(
        method="GET",
        path=PARTICIPANTS,
        id="Participants_List",
        says="List who is invited, in the order of invitation.",
        status=200,
        answer=wire.ParticipantsCollection,
        parameters=(NEXT_LINK,),
        errors=(404,),
    ),
    Described(
        method="PATCH",
        path=PARTICIPANTS,
        id="Participants_Update",
        says="Invite, give another role, or (null) take off the roster: all of it or nothing.",
        status=200,
        takes=wire.UpdateParticipantsRequest,
        media_types=tuple(MERGE_PATCH),
        answer=wire.UpdateParticipantsResult,
        errors=(404,),
    ),
)
