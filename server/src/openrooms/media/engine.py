"""The port to the media engine: what the product asks of it, in our words.

Room names at the engine are call ids; participant identities are `{raw id}~{participant id}`.
Every action says what must be, so repeating it is harmless.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Source(StrEnum):
    """What a participant may send."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    SCREEN_SHARE = "screen_share"
    SCREEN_SHARE_AUDIO = "screen_share_audio"


@dataclass(frozen=True, slots=True)
class Grants:
    """What one participant may do: send these sources (none: send nothing), and receive."""

    sources: frozenset[Source]
    subscribe: bool = True


@dataclass(frozen=True, slots=True)
class Seat:
    """A participant's place in an engine room. `attributes` are seen by everyone in it.

    `identity`: whose place it is, `~`, and what tells his places apart.
    """

    room: str
    identity: str
    name: str
    attributes: Mapping[str, str]
    grants: Grants

    @property
    def holder(self) -> str:
        """Whose place it is: what all his places together may have is counted by him."""
        return self.identity.partition("~")[0]


@dataclass(frozen=True, slots=True)
class Track:
    """A track that is published now."""

    id: str
    source: Source | None
    is_video: bool
    muted: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """A participant as the engine sees it now. `connection` names one stay, not one person."""

    identity: str
    connection: str
    active: bool
    grants: Grants
    tracks: tuple[Track, ...]


class EventKind(StrEnum):
    """What the engine reports."""

    ROOM_STARTED = "room_started"
    ROOM_FINISHED = "room_finished"
    JOINED = "participant_joined"
    LEFT = "participant_left"
    ABORTED = "participant_connection_aborted"
    TRACK_PUBLISHED = "track_published"
    TRACK_UNPUBLISHED = "track_unpublished"
    # Not of the engine itself, but of what keeps it: it is about to end.
    LEAVING = "engine_leaving"


class Heard(StrEnum):
    """How much the engine hears of somebody's media, as it judges by itself."""

    WELL = "well"
    BADLY = "badly"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """One report of the engine.

    `hung_up`: the client itself said that it leaves. `silent_for`: the seconds for which nothing had
    come from it when the engine gave it up. `track`, `source`: what was published or is no longer.
    """

    id: str
    kind: EventKind
    room: str
    identity: str
    connection: str
    hung_up: bool
    silent_for: float = 0.0
    track: str = ""
    source: Source | None = None


class Upstream(Protocol):
    """One signalling connection to the engine on behalf of one client."""

    async def send(self, message: bytes, grants: Grants) -> int:
        """Pass one client message on, if `grants` and the allow-list let it through.

        Gives how much it counts: 1 for an ordinary one, more for what costs many others.

        A message that may be ignored safely is dropped; any other that is not allowed
        raises `MessageRefused`, and the connection must be closed.
        """

    def pass_sign_of_life(self, message: bytes, may: Callable[[], bool]) -> bool:
        """Pass a client's message on at once, before those that wait, if it says only that he is there.

        `may` is asked before. False: it is another message, or he may not; `send` it.
        """

    def messages(self) -> AsyncIterator[bytes]:
        """The engine's messages, without its tokens, until it closes."""

    def offer(self, taker: Callable[[bytes], bool]) -> None:
        """From now on give a message to `taker` in the moment in which it comes, if all before it are done with.

        When that says False, `messages` gives it. An engine may do without.
        """

    def judged(self, message: bytes) -> Mapping[str, Heard]:
        """Of each stay that a message of the engine judges: how much is heard of it now."""

    async def close(self) -> None:
        """End the connection. Media goes on until the engine misses it or `remove` is called."""


class Engine(Protocol):
    """What callers can do with the media engine. Every method has a deadline of its own.

    All raise `EngineAway` when the engine cannot be reached or does not answer in time.
    """

    async def open_room(self, room: str) -> None:
        """Make sure that the room exists."""

    async def close_room(self, room: str) -> None:
        """Make sure that the room is gone, and everyone in it out."""

    async def rooms(self) -> list[str]:
        """The names of all live rooms."""

    async def presences(self, room: str) -> list[Presence]:
        """Everyone in the room; empty when there is no such room."""

    async def permit(self, room: str, identity: str, grants: Grants, *, name: str = "") -> bool:
        """Set the grants of a participant at once. False when there is no such participant.

        `name`: his name, too; an empty one stays as it is.
        """

    async def mute(self, room: str, presence: Presence, source: Source) -> bool:
        """Mute what a participant, as just seen, sends of a source: once, he may unmute it himself.

        False when there is nothing to mute.
        """

    async def remove(self, room: str, identity: str) -> bool:
        """Put a participant out at once. False when there is no such participant."""

    def connect(self, seat: Seat, query: str) -> AbstractAsyncContextManager[Upstream]:
        """Open signalling for a seat, with a token minted for just this connection.

        `query` is the client's raw query string; what is allowed of it is passed on, rewritten.
        Raises `MessageRefused` when the query asks for what the grants forbid.
        """
