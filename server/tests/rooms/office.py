"""An app's server that manages rooms, in the words of the tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx2
from tests.identity.house import Backend, Json

MALFORMED = "The request could not be understood by the server due to malformed syntax."
RESOURCE = "5fa0c7bb-1111-4444-8888-0123456789ab"


def person(number: int) -> str:
    """The raw id of some user."""
    return f"8:acs:{RESOURCE}_{UUID(int=number)}"


def flat(answer: httpx2.Response) -> tuple[int, str]:
    """Status and message of an error that is one broken rule; the rest of it is checked."""
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert answer.headers["x-ms-error-code"] == error["code"]
    return answer.status_code, error["message"]


def details(answer: httpx2.Response) -> list[tuple[str, str]]:
    """Targets and messages of a malformed request; the rest of it is checked."""
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert answer.headers["x-ms-error-code"] == error["code"] == "BadRequest"
    assert error["message"] == MALFORMED
    assert {one["code"] for one in error["details"]} == {"BadArgument"}
    return [(one["target"], one["message"]) for one in error["details"]]


@dataclass(frozen=True, slots=True)
class Office:
    """An app's server that manages rooms."""

    backend: Backend

    async def create(self, **sent: object) -> Json:
        """A new room, as it was answered."""
        answer = await self.ask_to_create(sent)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def ask_to_create(
        self, sent: object, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        return await self.backend.send("POST", "/rooms", sent, headers=headers)

    async def get(self, room_id: str) -> httpx2.Response:
        return await self.backend.send("GET", f"/rooms/{room_id}")

    async def update(self, room_id: str, sent: object) -> httpx2.Response:
        return await self.backend.send("PATCH", f"/rooms/{room_id}", sent)

    async def delete(self, room_id: str) -> httpx2.Response:
        return await self.backend.send("DELETE", f"/rooms/{room_id}")

    async def participants(self, room_id: str) -> httpx2.Response:
        return await self.backend.send("GET", f"/rooms/{room_id}/participants")

    async def invite(self, room_id: str, sent: object) -> httpx2.Response:
        return await self.backend.send("PATCH", f"/rooms/{room_id}/participants", sent)

    async def roster(self, room_id: str) -> list[tuple[str, str]]:
        """Who is invited, with roles, in order."""
        answer = await self.participants(room_id)
        assert answer.status_code == 200
        return [(one["rawId"], one["role"]) for one in answer.json()["value"]]

    async def page(self, link: str | None = None) -> Json:
        """The first page of all rooms, or the page that a link leads to."""
        target = "/rooms" if link is None else link.removeprefix("https://rooms.example:8443")
        answer = await self.backend.send("GET", target)
        assert answer.status_code == 200, answer.text
        return answer.json()
