"""Every id and every secret that the product makes up. The only module that does."""

import secrets
import threading
import uuid

POOL_BYTES = 4096


class _Pool:
    """Random bytes of the system, fetched for many ids at once.

    To ask the system lets another thread run meanwhile, and to wait for one's next turn costs a
    request more than all else about an id.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Bytes that nobody else gets."""
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = secrets.token_bytes(POOL_BYTES), 0
            self._at += count
            return self._bytes[self._at - count : self._at]


_pool = _Pool()


def new_guid() -> str:
    """A random GUID in lower case."""
    return str(uuid.uuid4())


def new_room_id() -> int:
    """A room id as the hosted service makes them: 17 digits that begin with 994, not guessable."""
    # Of 2^64 numbers, one more or less falls on each of the 10^14.
    return 99_400_000_000_000_000 + int.from_bytes(_pool.take(8)) % 10**14


def new_secret() -> str:
    """32 random bytes as URL-safe text: a ticket, or an engine secret."""
    return secrets.token_urlsafe(32)


def new_key() -> bytes:
    """32 random bytes: an access key, or a master key."""
    return secrets.token_bytes(32)


def new_server_call_id() -> str:
    """What servers call a call by: opaque, URL-safe."""
    return secrets.token_urlsafe(24)


def new_request_id() -> str:
    """32 hexadecimal digits: what a request is called in logs and in its answer."""
    return _pool.take(16).hex()
