"""What the operation on events says of itself."""

from openrooms.events import wire
from openrooms.events.routes import EVENTS
from openrooms.http.description import Described, Parameter

_NEXT = Parameter(
    "nextLink", "query", "Where the list goes on: part of the link of the page before."
)
_AFTER = Parameter("after", "query", "A sequence number: the events after it alone.")

DESCRIBED = (
    Described(
        method="GET",
        path=EVENTS,
        id="Events_List",
        says="List the events that are kept, in the order of their sequence.",
        status=200,
        answer=wire.EventsModel,
        parameters=(_AFTER, _NEXT),
    ),
)
