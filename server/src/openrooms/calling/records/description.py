"""What the operations on the record of calls say of themselves."""

from openrooms.calling.records import wire
from openrooms.calling.records.routes import CALL, CALLS, LEGS, REFUSALS
from openrooms.http.description import Described, Parameter

PARTS = {"callId": "The call's id, as the calling SDK has it."}
_NEXT = Parameter(
    "nextLink", "query", "Where the list goes on: part of the link of the page before."
)
_ROOM = Parameter("roomId", "query", "A room's id: its calls alone.")
_USER = Parameter("user", "query", "A user's raw id: his alone.")

DESCRIBED = (
    Described(
        method="GET",
        path=CALLS,
        id="Calls_List",
        says="List the calls that are kept on record, newest first.",
        status=200,
        answer=wire.CallsModel,
        parameters=(_ROOM, _NEXT),
        errors=(404,),
    ),
    Described(
        method="GET",
        path=CALL,
        id="Calls_Get",
        says="Read one call.",
        status=200,
        answer=wire.CallModel,
        errors=(404,),
    ),
    Described(
        method="GET",
        path=LEGS,
        id="Calls_ListParticipants",
        says="List who was in a call, from which endpoints, in the order of coming.",
        status=200,
        answer=wire.LegsModel,
        parameters=(_NEXT,),
        errors=(404,),
    ),
    Described(
        method="GET",
        path=REFUSALS,
        id="RefusedJoins_List",
        says="List the joins that were refused, newest first.",
        status=200,
        answer=wire.RefusalsModel,
        parameters=(_USER, _NEXT),
    ),
)
