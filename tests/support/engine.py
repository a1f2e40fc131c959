"""The media engine's own view: who is in its rooms, with what rights and tracks."""

import base64
import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import yaml

from support.exposition import samples

KINDS = ("*.yaml", "*.json")
# Of Go's runtime, whose heap may double from one collection to the next.
NEXT_COLLECTION = "go_memstats_next_gc_bytes"


@dataclass(frozen=True, slots=True)
class Occupant:
    """A participant as the engine lists him."""

    room: str
    identity: str
    name: str
    may_publish: bool
    sources: frozenset[str]
    tracks: tuple[str, ...]
    text: str


def config(data: Path) -> dict[str, Any]:
    """What the engine was started with: the one file in the data directory that has its keys."""
    for path in (path for kind in KINDS for path in sorted(data.rglob(kind))):
        read = yaml.safe_load(path.read_text())
        if isinstance(read, dict) and "keys" in read:
            assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"
            return read
    raise AssertionError(f"no configuration of the engine below {data}")


def key_pair(data: Path) -> tuple[str, str]:
    """The engine's API key and secret."""
    ((name, secret),) = config(data)["keys"].items()
    return str(name), str(secret)


class EngineEye:
    """A look at the engine from inside, by its own API, with its own key."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._url = f"http://127.0.0.1:{config(data)['port']}"

    @property
    def url(self) -> str:
        return self._url

    def held(self) -> int:
        """The bytes that its last collection of garbage left: it begins the next at twice as many."""
        door = config(self._data)["prometheus"]
        known = f"{door['username']}:{door['password']}".encode()
        asked = urllib.request.Request(
            f"http://127.0.0.1:{door['port']}/metrics",
            headers={"Authorization": f"Basic {base64.b64encode(known).decode()}"},
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(samples(answer.read())[NEXT_COLLECTION] / 2)

    def token(self, **video: object) -> str:
        """A token the engine takes, as it would lie in the hands of someone who stole one."""
        identity = str(video.pop("identity", "tests"))
        name, secret = key_pair(self._data)
        claims = {"iss": name, "sub": identity, "exp": int(time.time()) + 600, "video": video}
        return jwt.encode(claims, secret, "HS256")

    def rooms(self) -> list[str]:
        listed = self._ask("ListRooms", {}, roomList=True)
        return [room["name"] for room in listed.get("rooms", [])]

    def create(self, room: str) -> None:
        """Make a room that is no call of ours."""
        self._ask("CreateRoom", {"name": room}, roomCreate=True)

    def ask_at(self, base: str, method: str, body: dict[str, str], *, token: str) -> int:
        """Ask for it at another door than the engine's own; gives the status."""
        request = urllib.request.Request(
            f"{base}twirp/livekit.RoomService/{method}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def occupants(self) -> list[Occupant]:
        """Everyone in every room; empty while the engine is away."""
        try:
            rooms = self.rooms()
            # All at once: each that closes meanwhile takes three seconds.
            with ThreadPoolExecutor(min(max(len(rooms), 1), 16)) as asked:
                return [each for listed in asked.map(self._in_room, rooms) for each in listed]
        except OSError:
            return []

    def of(self, raw_id: str) -> list[Occupant]:
        """The places of one user."""
        return [each for each in self.occupants() if each.identity.startswith(raw_id)]

    def _in_room(self, room: str) -> list[Occupant]:
        try:
            listed = self._ask("ListParticipants", {"room": room}, roomAdmin=True, room=room)
        except urllib.error.HTTPError:
            # Asked of a room that closes meanwhile, the engine fails after three seconds.
            if room in self.rooms():
                raise
            return []
        return [_occupant(room, each) for each in listed.get("participants", [])]

    def _ask(self, method: str, body: dict[str, str], **grants: object) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._url}/twirp/livekit.RoomService/{method}",
            data=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.token(**grants)}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                read: dict[str, Any] = json.load(answer)
                return read
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                return {}
            raise


def _occupant(room: str, listed: dict[str, Any]) -> Occupant:
    permission = listed.get("permission", {})
    return Occupant(
        room=room,
        identity=listed["identity"],
        name=listed.get("name", ""),
        may_publish=bool(permission.get("can_publish", permission.get("canPublish", False))),
        sources=frozenset(
            permission.get("can_publish_sources", permission.get("canPublishSources", []))
        ),
        tracks=tuple(sorted(track.get("source", "UNKNOWN") for track in listed.get("tracks", []))),
        text=json.dumps(listed),
    )
