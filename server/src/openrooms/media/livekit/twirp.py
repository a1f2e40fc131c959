"""A small client of the engine's API: the calls that the port needs, over protobuf messages.

Every call says what must be, so one that broke off is made once more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx2
from google.protobuf.message import DecodeError, Message
from livekit.protocol import models, room

from openrooms.media.errors import EngineAway
from openrooms.media.livekit.tokens import Minter

Answer = TypeVar("Answer", bound=Message)

# The engine itself gives a room or a participant 3 s to answer.
DEADLINE = 5.0


class Missing(Exception):
    """The engine knows no such room or participant."""


class RoomService:
    """The engine's calls about rooms and participants. `locate` gives the engine's URL now."""

    def __init__(
        self, client: httpx2.AsyncClient, tokens: Minter, locate: Callable[[], Awaitable[str]]
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._locate = locate

    async def create_room(self, name: str) -> None:
        asked = room.CreateRoomRequest(name=name)
        await self._call("CreateRoom", asked, models.Room(), mint=self._tokens.create_rooms)

    async def delete_room(self, name: str) -> None:
        asked, answer = room.DeleteRoomRequest(room=name), room.DeleteRoomResponse()
        await self._call("DeleteRoom", asked, answer, mint=self._tokens.create_rooms)

    async def list_rooms(self, *names: str) -> list[str]:
        """The names of the rooms that there are: of all, or of those named."""
        asked, answer = room.ListRoomsRequest(names=names), room.ListRoomsResponse()
        await self._call("ListRooms", asked, answer, mint=self._tokens.list_rooms)
        return [one.name for one in answer.rooms]

    async def list_participants(self, name: str) -> list[models.ParticipantInfo]:
        asked, answer = room.ListParticipantsRequest(room=name), room.ListParticipantsResponse()
        await self._call("ListParticipants", asked, answer, mint=self._keeping(name))
        return list(answer.participants)

    async def update_participant(
        self,
        room_name: str,
        identity: str,
        permission: models.ParticipantPermission,
        *,
        name: str,
    ) -> None:
        """Set a participant's permission, and his name unless it is empty."""
        asked = room.UpdateParticipantRequest(
            room=room_name, identity=identity, permission=permission, name=name
        )
        answer = models.ParticipantInfo()
        await self._call("UpdateParticipant", asked, answer, mint=self._keeping(room_name))

    async def mute_track(self, name: str, identity: str, track: str) -> None:
        asked = room.MuteRoomTrackRequest(room=name, identity=identity, track_sid=track, muted=True)
        answer = room.MuteRoomTrackResponse()
        await self._call("MutePublishedTrack", asked, answer, mint=self._keeping(name))

    async def remove_participant(self, name: str, identity: str) -> None:
        asked = room.RoomParticipantIdentity(room=name, identity=identity)
        answer = room.RemoveParticipantResponse()
        await self._call("RemoveParticipant", asked, answer, mint=self._keeping(name))

    def _keeping(self, name: str) -> Callable[[], str]:
        return lambda: self._tokens.keep_room(name)

    async def _call(
        self, method: str, asked: Message, answer: Answer, *, mint: Callable[[], str]
    ) -> None:
        """Make the call, and read its answer into `answer`."""
        response = await self._post(method, asked, mint)
        if response is None or response.status_code == httpx2.codes.UNAUTHORIZED:
            # A connection that died while it was kept, or a clock that the answer told us of.
            response = await self._post(method, asked, mint)
        if response is None:
            raise EngineAway(f"the engine broke off {method}")
        _read(method, response, answer)

    async def _post(
        self, method: str, asked: Message, mint: Callable[[], str]
    ) -> httpx2.Response | None:
        url = await self._locate()
        headers = {"Content-Type": "application/protobuf", "Authorization": f"Bearer {mint()}"}
        try:
            async with asyncio.timeout(DEADLINE):
                response = await self._client.post(
                    f"{url}/twirp/livekit.RoomService/{method}",
                    content=asked.SerializeToString(),
                    headers=headers,
                )
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise EngineAway(f"the engine did not answer {method} in time") from error
        except httpx2.TransportError:
            return None
        self._tokens.learn(response.headers.get("Date"))
        return response


def _read(method: str, response: httpx2.Response, answer: Message) -> None:
    if response.status_code == httpx2.codes.OK:
        try:
            answer.ParseFromString(response.content)
        except DecodeError as error:
            raise EngineAway(f"the engine's answer to {method} cannot be read") from error
        return
    code = _code(response)
    if code == "not_found":
        raise Missing
    # Its text may hold tokens; the code is enough.
    raise EngineAway(f"the engine answered {method} with {response.status_code} {code}")


def _code(response: httpx2.Response) -> str:
    try:
        told: object = response.json()
    except ValueError:
        return "without a code"
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, str) and code.isidentifier() else "without a code"
