"""The HTTP operation on events: decode, call, encode."""

from openrooms.events import wire
from openrooms.events.service import Events
from openrooms.http.paging import NextLinks
from openrooms.http.routing import Answer, Incoming, Operation

EVENTS = "/openrooms/v1/events"


class EventRoutes:
    """The one operation. A link to a next page says after which event it goes on."""

    def __init__(self, events: Events, links: NextLinks) -> None:
        self._events = events
        self._links = links

    @property
    def operations(self) -> tuple[Operation, ...]:
        return (Operation("GET", EVENTS, self.list, name="ListEvents", quota="room_reads"),)

    async def list(self, incoming: Incoming) -> Answer:
        position = self._links.position(EVENTS, incoming)
        after = wire.parse_sequence(incoming.ask("after") if position is None else position)
        page = await self._events.list_events(incoming.resource_id, after=after)
        end = None if page.next is None else str(page.next)
        return Answer(200, wire.write_events(page.value, self._links.onward(EVENTS, incoming, end)))
