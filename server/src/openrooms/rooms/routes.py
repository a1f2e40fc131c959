"""The HTTP operations of rooms: decode, call, encode."""

import hashlib
from functools import partial

from openrooms.http.bodies import JSON, MERGE_PATCH
from openrooms.http.errors import MalformedBody
from openrooms.http.paging import NextLinks
from openrooms.http.problems import ROOMS
from openrooms.http.routing import Answer, Api, Incoming, Operation
from openrooms.kernel.clock import Clock
from openrooms.rooms import wire
from openrooms.rooms.errors import RepeatRefused, RoomError, StillRunning
from openrooms.rooms.service import Rooms

PATH = "/rooms"
ROOM = f"{PATH}/{{roomId}}"
# Quotas.
READS, WRITES = "room_reads", "room_writes"
PARTICIPANTS = f"{ROOM}/participants"


class RoomsRoutes:
    """The seven operations on rooms."""

    def __init__(self, rooms: Rooms, clock: Clock, links: NextLinks) -> None:
        self._rooms = rooms
        self._clock = clock
        self._links = links

    @property
    def api(self) -> Api:
        operations = (
            Operation("POST", PATH, self.create, JSON, name="CreateRoom", quota=WRITES),
            Operation("GET", PATH, self.list_rooms, name="ListRooms", quota=READS),
            Operation("GET", ROOM, self.get, name="GetRoom", quota=READS),
            Operation("PATCH", ROOM, self.update, MERGE_PATCH, name="UpdateRoom", quota=WRITES),
            Operation("DELETE", ROOM, self.delete, name="DeleteRoom", quota=WRITES),
            Operation(
                "GET", PARTICIPANTS, self.list_participants, name="GetParticipants", quota=READS
            ),
            Operation(
                "PATCH",
                PARTICIPANTS,
                self.update_participants,
                MERGE_PATCH,
                name="UpdateParticipants",
                quota=WRITES,
            ),
        )
        return Api("rooms", ROOMS, wire.VERSIONS, operations)

    async def create(self, incoming: Incoming) -> Answer:
        repeat = wire.read_repeat(incoming.headers, self._clock(), digest=_digest(incoming))
        caller = incoming.resource_id
        async with self._rooms.turn(caller, repeat):
            try:
                wish = wire.read_new_room(incoming.body, incoming.version)
                told: dict[str, object] = {}
                write = partial(wire.write_noted, facts=told)
                answer = await self._rooms.create(caller, wish, repeat=repeat, answer=write)
                # A repeated request made no room: it is answered about the one that it made at first.
                if answer.location == told["room_id"]:
                    incoming.note(**told, added_room_participants_count=len(wish.participants))
            except (RepeatRefused, StillRunning):
                raise
            except (RoomError, MalformedBody) as error:
                refusal = wire.write_refusal(error)
                if repeat is None or refusal is None:
                    raise
                answer = await self._rooms.refuse(caller, refusal, repeat=repeat)
        if answer.is_refusal:
            raise wire.read_refusal(answer)
        incoming.note(room_id=answer.location)
        headers = {"Location": answer.location, "Repeatability-Result": "accepted"}
        return Answer(answer.status, answer.body, headers)

    async def list_rooms(self, incoming: Incoming) -> Answer:
        position = self._links.position(PATH, incoming)
        after = None if position is None else wire.read_anchor(position)
        page = await self._rooms.list_rooms(incoming.resource_id, after)
        end = None if page.next is None else wire.write_anchor(page.next)
        return Answer(200, wire.write_rooms(page.rooms, self._links.onward(PATH, incoming, end)))

    async def get(self, incoming: Incoming) -> Answer:
        room = await self._rooms.get(incoming.resource_id, _room_id(incoming))
        incoming.facts.update(wire.tell_room(room))
        return Answer(200, wire.write_room(room))

    async def update(self, incoming: Incoming) -> Answer:
        change = wire.read_room_change(incoming.body)
        room = await self._rooms.update(incoming.resource_id, _room_id(incoming), change)
        incoming.facts.update(wire.tell_room(room))
        return Answer(200, wire.write_room(room))

    async def delete(self, incoming: Incoming) -> Answer:
        await self._rooms.delete(incoming.resource_id, _room_id(incoming))
        return Answer(204)

    async def list_participants(self, incoming: Incoming) -> Answer:
        caller, room_id = incoming.resource_id, _room_id(incoming)
        path = PARTICIPANTS.format(roomId=room_id)
        position = self._links.position(path, incoming)
        after = None if position is None else wire.read_position(position)
        page = await self._rooms.list_participants(caller, room_id, after)
        end = None if page.next is None else wire.write_position(page.next)
        link = self._links.onward(path, incoming, end)
        return Answer(200, wire.write_roster(page.participants, link))

    async def update_participants(self, incoming: Incoming) -> Answer:
        wishes = wire.read_roster_change(incoming.body, incoming.version)
        change = await self._rooms.update_participants(
            incoming.resource_id, _room_id(incoming), wishes
        )
        incoming.note(**wire.tell_change(change))
        return Answer(200, b"{}")


def _room_id(incoming: Incoming) -> str:
    """The room that the path names."""
    room_id = incoming.parts["roomId"]
    if wire.is_tellable(room_id):
        incoming.facts["room_id"] = room_id
    return room_id


def _digest(incoming: Incoming) -> bytes:
    """All that makes a repeated request the same request."""
    asked = f"{incoming.method}\n{incoming.path}\n{incoming.version}\n".encode()
    return hashlib.sha256(asked + incoming.body).digest()
