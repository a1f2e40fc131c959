"""Drives the official Python SDKs, unchanged: a call in JSON on each line of stdin, its result on stdout.

Runs in an environment that holds nothing but the SDKs, in one of many versions: `driver.py sync|async`.
Whom to trust stands in the environment, where the SDKs' own clients read it. With each result goes every
answer that the SDK heard, as its `raw_response_hook` tells it.
"""

# ruff: noqa: ANN401, N803 (the SDKs' types differ from version to version; the names are the API's)

import asyncio
import importlib
import inspect
import json
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError


class Credential:
    """A `TokenCredential` of a client that an issuer of tokens knows."""

    def __init__(self, issuer: str, client: str) -> None:
        self._issuer = issuer
        self._client = client

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        asked = {"grant_type": "client_credentials", "client_id": self._client}
        form = urllib.parse.urlencode(asked | {"scope": " ".join(scopes)}).encode()
        with urllib.request.urlopen(f"{self._issuer}/token", form) as answer:
            said = json.load(answer)
        return AccessToken(said["access_token"], int(time.time()) + said["expires_in"])


class AsyncCredential:
    """The same as an `AsyncTokenCredential`."""

    def __init__(self, issuer: str, client: str) -> None:
        self._credential = Credential(issuer, client)

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return await asyncio.to_thread(self._credential.get_token, *scopes, **options)

    async def close(self) -> None:
        """Nothing is kept."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is kept."""


class Driver:
    """The two clients, and what can be asked of them. One code for both ways to call."""

    def __init__(self, way: str) -> None:
        suffix = ".aio" if way == "async" else ""
        self._rooms_types: Any = importlib.import_module("azure.communication.rooms")
        self._identity_types: Any = importlib.import_module("azure.communication.identity")
        rooms: Any = importlib.import_module(f"azure.communication.rooms{suffix}")
        identity: Any = importlib.import_module(f"azure.communication.identity{suffix}")
        self._makers = (rooms.RoomsClient, identity.CommunicationIdentityClient)
        self._credential = AsyncCredential if way == "async" else Credential
        self._rooms: Any = None
        self._identities: Any = None
        # What was heard since the call began.
        self.heard: list[dict[str, Any]] = []
        self.calls: dict[str, Callable[..., Any]] = {
            "connect": self.connect,
            "createRoom": self.create_room,
            "getRoom": self.get_room,
            "updateRoom": self.update_room,
            "deleteRoom": self.delete_room,
            "listRooms": self.list_rooms,
            "listParticipants": self.list_participants,
            "addOrUpdateParticipants": self.add_or_update_participants,
            "removeParticipants": self.remove_participants,
            "createUser": self.create_user,
            "createUserAndToken": self.create_user_and_token,
            "getToken": self.get_token,
            "revokeTokens": self.revoke_tokens,
            "deleteUser": self.delete_user,
            "getTokenForTeamsUser": self.get_token_for_teams_user,
        }

    async def connect(self, *, connectionString: str = "", **bearer: str) -> None:
        await self.close()
        self._rooms, self._identities = (
            maker.from_connection_string(connectionString)
            if connectionString
            else maker(bearer["endpoint"], self._credential(bearer["issuer"], bearer["client"]))
            for maker in self._makers
        )

    async def close(self) -> None:
        if self._rooms is None:
            return
        await settled(self._rooms.close())
        # The synchronous one has no close of its own.
        close = getattr(self._identities, "close", self._identities._identity_service_client.close)
        await settled(close())

    async def create_room(self, *, participants: Any = None, **options: Any) -> Any:
        if participants is not None:
            options["participants"] = [self._participant(**one) for one in participants]
        return room_of(await self._ask(self._rooms.create_room, **_options(options)))

    async def get_room(self, *, roomId: str) -> Any:
        return room_of(await self._ask(self._rooms.get_room, roomId))

    async def update_room(self, *, roomId: str, **options: Any) -> Any:
        change = _options(options)
        return room_of(await self._ask(self._rooms.update_room, room_id=roomId, **change))

    async def delete_room(self, *, roomId: str) -> None:
        await self._ask(self._rooms.delete_room, roomId)

    async def list_rooms(self) -> list[list[str]]:
        paged = self._rooms.list_rooms(raw_response_hook=self._hear)
        return [[one.id for one in page] for page in await pages(paged)]

    async def list_participants(self, *, roomId: str) -> list[list[str]]:
        listed = self._rooms.list_participants(roomId, raw_response_hook=self._hear)
        everyone = [one for page in await pages(listed) for one in page]
        return [[one.communication_identifier.raw_id, str(one.role)] for one in everyone]

    async def add_or_update_participants(self, *, roomId: str, participants: Any) -> None:
        people = [self._participant(**one) for one in participants]
        change = self._rooms.add_or_update_participants
        await self._ask(change, room_id=roomId, participants=people)

    async def remove_participants(self, *, roomId: str, participants: Any) -> None:
        people = [self._rooms_types.CommunicationUserIdentifier(one) for one in participants]
        await self._ask(self._rooms.remove_participants, room_id=roomId, participants=people)

    async def create_user(self) -> str:
        return str((await self._ask(self._identities.create_user)).properties["id"])

    async def create_user_and_token(self, *, scopes: Any, minutes: int | None = None) -> list[str]:
        make = self._identities.create_user_and_token
        user, token = await self._ask(make, scopes, **_lifetime(minutes))
        return [user.properties["id"], token.token]

    async def get_token(self, *, user: str, scopes: Any, minutes: int | None = None) -> str:
        who, lasts = self._user(user), _lifetime(minutes)
        return str((await self._ask(self._identities.get_token, who, scopes, **lasts)).token)

    async def revoke_tokens(self, *, user: str) -> None:
        await self._ask(self._identities.revoke_tokens, self._user(user))

    async def delete_user(self, *, user: str) -> None:
        await self._ask(self._identities.delete_user, self._user(user))

    async def get_token_for_teams_user(self, *, token: str, appId: str, userId: str) -> str:
        exchange = self._identities.get_token_for_teams_user
        return str((await self._ask(exchange, token, appId, userId)).token)

    async def _ask(self, operation: Callable[..., Any], *given: Any, **options: Any) -> Any:
        return await settled(operation(*given, raw_response_hook=self._hear, **options))

    def _hear(self, response: Any) -> None:
        answer = response.http_response
        self.heard.append(
            {
                "status": answer.status_code,
                "headers": dict(answer.headers),
                "requestId": response.http_request.headers.get("x-ms-client-request-id"),
            }
        )

    def _user(self, raw_id: str) -> Any:
        return self._identity_types.CommunicationUserIdentifier(raw_id)

    def _participant(self, *, rawId: str, **role: str) -> Any:
        who = self._rooms_types.CommunicationUserIdentifier(rawId)
        return self._rooms_types.RoomParticipant(communication_identifier=who, **role)


async def settled(result: Any) -> Any:
    """The result of a call, whichever way it was made."""
    return await result if inspect.isawaitable(result) else result


async def pages(paged: Any) -> list[list[Any]]:
    """All pages of a list, to the last."""
    if hasattr(paged, "__aiter__"):
        return [[one async for one in page] async for page in paged.by_page()]
    return [list(page) for page in paged.by_page()]


def room_of(room: Any) -> dict[str, Any]:
    """What the SDK tells of a room."""
    told = {
        "id": room.id,
        "createdAt": _text(room.created_at),
        "validFrom": _text(room.valid_from),
        "validUntil": _text(room.valid_until),
    }
    if hasattr(room, "pstn_dial_out_enabled"):
        told["pstnDialOutEnabled"] = room.pstn_dial_out_enabled
    return told


def error_of(error: HttpResponseError) -> dict[str, Any]:
    """What the SDK tells of a refusal."""
    told: Any = error.error
    return {
        "kind": type(error).__name__,
        "status": error.status_code,
        "code": told.code if told else None,
        "message": told.message if told else error.message,
        "target": told.target if told else None,
        "details": [[one.code, one.message, one.target] for one in (told.details if told else [])],
    }


def _options(options: dict[str, Any]) -> dict[str, Any]:
    names = {"validFrom": "valid_from", "validUntil": "valid_until"}
    names["pstnDialOutEnabled"] = "pstn_dial_out_enabled"
    moments = {"validFrom", "validUntil"}
    return {
        names.get(name, name): datetime.fromisoformat(value) if name in moments else value
        for name, value in options.items()
    }


def _lifetime(minutes: int | None) -> dict[str, Any]:
    return {} if minutes is None else {"token_expires_in": timedelta(minutes=minutes)}


def _text(moment: Any) -> str:
    """A moment as text: some versions give text, whatever their annotations say."""
    return moment if isinstance(moment, str) else str(moment.isoformat())


async def main(way: str) -> None:
    driver = Driver(way)
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        driver.heard.clear()
        try:
            said: dict[str, Any] = {"ok": await driver.calls[asked["do"]](**asked["with"])}
        except HttpResponseError as error:
            said = {"error": error_of(error)}
        print(json.dumps(said | {"heard": driver.heard}), flush=True)
    await driver.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
