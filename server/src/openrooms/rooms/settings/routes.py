"""The HTTP operations on what is set for single rooms: decode, call, encode."""

from openrooms.http.bodies import MERGE_PATCH
from openrooms.http.problems import ROOMS
from openrooms.http.routing import Answer, Api, Incoming, Operation
from openrooms.rooms.routes import READS, WRITES
from openrooms.rooms.settings import wire
from openrooms.rooms.settings.service import Settings
from openrooms.rooms.wire import is_tellable

NAME = "openrooms"
ROOM = f"/{NAME}/v1/rooms/{{roomId}}"


class SettingsRoutes:
    """The two operations."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def api(self) -> Api:
        operations = (
            Operation("GET", ROOM, self.get, name="GetRoomSettings", quota=READS),
            Operation(
                "PATCH", ROOM, self.change, MERGE_PATCH, name="UpdateRoomSettings", quota=WRITES
            ),
        )
        return Api(NAME, ROOMS, wire.VERSIONS, operations)

    async def get(self, incoming: Incoming) -> Answer:
        room_id = _room_id(incoming)
        rules = await self._settings.get(incoming.resource_id, room_id)
        return Answer(200, wire.write_rules(room_id, rules))

    async def change(self, incoming: Incoming) -> Answer:
        room_id = _room_id(incoming)
        change = wire.read_change(incoming.body)
        rules = await self._settings.change(incoming.resource_id, room_id, change)
        return Answer(200, wire.write_rules(room_id, rules))


def _room_id(incoming: Incoming) -> str:
    """The room that the path names."""
    room_id = incoming.parts["roomId"]
    if is_tellable(room_id):
        incoming.facts["room_id"] = room_id
    return room_id
