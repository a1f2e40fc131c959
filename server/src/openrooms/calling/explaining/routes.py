"""The HTTP operation that explains: decode, call, encode."""

from openrooms.calling.explaining import wire
from openrooms.calling.explaining.service import Explainer
from openrooms.http.routing import Answer, Incoming, Operation

EXPLANATION = "/openrooms/v1/rooms/{roomId}/explanation"


class ExplainRoutes:
    """The one operation."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer

    @property
    def operations(self) -> tuple[Operation, ...]:
        explain = Operation(
            "GET", EXPLANATION, self.explain, name="ExplainJoin", quota="room_reads"
        )
        return (explain,)

    async def explain(self, incoming: Incoming) -> Answer:
        room_id, user = incoming.parts["roomId"], incoming.ask("user")
        at = wire.read_moment(incoming.ask("at"))
        told = await self._explainer.explain(incoming.resource_id, room_id, user, at=at)
        return Answer(200, wire.write_explanation(told))
