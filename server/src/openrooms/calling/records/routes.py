"""The HTTP operations on the record of calls: decode, call, encode."""

from openrooms.calling.records import wire
from openrooms.calling.records.service import Records
from openrooms.http.paging import NextLinks
from openrooms.http.routing import Answer, Incoming, Operation

CALLS = "/openrooms/v1/calls"
CALL = f"{CALLS}/{{callId}}"
LEGS = f"{CALL}/participants"
REFUSALS = "/openrooms/v1/refusedJoins"
READS = "room_reads"


class RecordRoutes:
    """The four operations. A link to a next page says of what its list is."""

    def __init__(self, records: Records, links: NextLinks) -> None:
        self._records = records
        self._links = links

    @property
    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation("GET", CALLS, self.calls, name="ListCalls", quota=READS),
            Operation("GET", CALL, self.call, name="GetCall", quota=READS),
            Operation("GET", LEGS, self.legs, name="ListCallParticipants", quota=READS),
            Operation("GET", REFUSALS, self.refusals, name="ListRefusedJoins", quota=READS),
        )

    async def calls(self, incoming: Incoming) -> Answer:
        after, room_id = None, incoming.ask("roomId")
        position = self._links.position(CALLS, incoming)
        if position is not None:
            after, room_id = wire.read_anchor(position)
        page = await self._records.calls(incoming.resource_id, room_id=room_id, after=after)
        end = None if page.next is None else wire.write_anchor(page.next, room_id)
        return Answer(200, wire.write_calls(page.value, self._links.onward(CALLS, incoming, end)))

    async def call(self, incoming: Incoming) -> Answer:
        call = await self._records.call(incoming.resource_id, incoming.parts["callId"])
        return Answer(200, wire.write_call(call))

    async def legs(self, incoming: Incoming) -> Answer:
        call_id, after = incoming.parts["callId"], None
        path = LEGS.format(callId=call_id)
        position = self._links.position(path, incoming)
        if position is not None:
            after, _ = wire.read_anchor(position)
        page = await self._records.legs(incoming.resource_id, call_id, after=after)
        end = None if page.next is None else wire.write_anchor(page.next)
        return Answer(200, wire.write_legs(page.value, self._links.onward(path, incoming, end)))

    async def refusals(self, incoming: Incoming) -> Answer:
        after, user = None, incoming.ask("user")
        position = self._links.position(REFUSALS, incoming)
        if position is not None:
            after, user = wire.read_number(position)
        page = await self._records.refusals(incoming.resource_id, user=user, after=after)
        end = None if page.next is None else wire.write_number(page.next, user)
        return Answer(
            200, wire.write_refusals(page.value, self._links.onward(REFUSALS, incoming, end))
        )
