"""Every id and every secret that the product makes up. The only module that does."""

import secrets
import uuid
from collections.abc import Callable
from struct import iter_unpack
from typing import Generic, TypeVar

T = TypeVar("T")

POOL_BYTES = 4096
REQUEST_BYTES = 16


class _Pool(Generic[T]):
    """Ids of one kind, made of the system's random bytes, many at once.

    To ask the system lets another thread run meanwhile, and to wait for one's next turn costs a
    request more than all else about an id.
    """

    def __init__(self, make: Callable[[bytes], list[T]]) -> None:
        self._make = make
        self._ready: list[T] = []

    def take(self) -> T:
        """One that nobody else gets: to take from a list is one step, whichever thread does it."""
        try:
            return self._ready.pop()
        except IndexError:
            taken, *others = self._make(secrets.token_bytes(POOL_BYTES))
            self._ready.extend(others)
            return taken


def _room_ids(random: bytes) -> list[int]:
    # Of 2^64 numbers, one more or less falls on each of the 10^14.
    return [99_400_000_000_000_000 + number % 10**14 for (number,) in iter_unpack(">Q", random)]


def _request_ids(random: bytes) -> list[str]:
    return random.hex(" ", REQUEST_BYTES).split()


_ready_room_ids = _Pool(_room_ids)
_ready_request_ids = _Pool(_request_ids)


def new_guid() -> str:
    """A random GUID in lower case."""
    return str(uuid.uuid4())


def new_room_id() -> int:
    """A room id as the hosted service makes them: 17 digits that begin with 994, not guessable."""
    return _ready_room_ids.take()


def new_secret() -> str:
    """32 random bytes as URL-safe text: a ticket, or an engine secret."""
    return secrets.token_urlsafe(32)


def new_key() -> bytes:
    """32 random bytes: an access key, or a master key."""
    return secrets.token_bytes(32)


def new_server_call_id() -> str:
    """What servers call a call by: opaque, URL-safe."""
    return secrets.token_urlsafe(24)


def new_event_id() -> str:
    """32 hexadecimal digits: what receivers of an event know it by."""
    return _ready_request_ids.take()


def new_request_id() -> str:
    """32 hexadecimal digits: what a request is called in logs and in its answer."""
    return _ready_request_ids.take()
