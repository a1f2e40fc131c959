"""The HTTP operation on surveys: decode, call, encode."""

from openrooms.calling.surveys import wire
from openrooms.calling.surveys.service import Surveys
from openrooms.http.paging import NextLinks
from openrooms.http.routing import Answer, Incoming, Operation

SURVEYS = "/openrooms/v1/surveys"
READS = "room_reads"


class SurveyRoutes:
    """The operation. A link to a next page says of what its list is."""

    def __init__(self, surveys: Surveys, links: NextLinks) -> None:
        self._surveys = surveys
        self._links = links

    @property
    def operations(self) -> tuple[Operation, ...]:
        return (Operation("GET", SURVEYS, self.surveys, name="ListSurveys", quota=READS),)

    async def surveys(self, incoming: Incoming) -> Answer:
        after, call_id, user = None, incoming.ask("callId"), incoming.ask("user")
        position = self._links.position(SURVEYS, incoming)
        if position is not None:
            after, call_id, user = wire.read_position(position)
        page = await self._surveys.surveys(
            incoming.resource_id, call_id=call_id, user=user, after=after
        )
        end = None
        if page.next is not None:
            end = wire.write_position(page.next, call_id=call_id, user=user)
        return Answer(
            200, wire.write_surveys(page.value, self._links.onward(SURVEYS, incoming, end))
        )
