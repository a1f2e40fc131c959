"""Every id and every secret that the product makes up. The only module that does."""

import secrets
import uuid


def new_guid() -> str:
    """A random GUID in lower case."""
    return str(uuid.uuid4())


def new_room_id() -> int:
    """A room id as the hosted service makes them: 17 digits that begin with 994, not guessable."""
    return 99_400_000_000_000_000 + secrets.randbelow(10**14)


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
    return secrets.token_hex(16)
