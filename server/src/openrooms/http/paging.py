"""Links to the next page of a list: absolute, and sealed so that nobody makes one up."""

import base64
import binascii
import hmac
from collections.abc import Callable

from openrooms.http.errors import HttpError
from openrooms.http.routing import Incoming

SEAL_BYTES = 16


class InvalidNextLink(HttpError):
    """The link was not made by us, or not for this list of this resource."""

    message = "The value of nextLink is not valid. Start again from the first page."


class NextLinks:
    """Writes links to next pages and reads them again.

    A link says where its list goes on, in plain sight, under a seal that binds it to the list and
    to the resource. `base` gives the https address where the servers of a resource reach us,
    without a path: it is never taken from a request.
    """

    def __init__(self, key: bytes, base: Callable[[str], str]) -> None:
        self._key = key
        self._base = base

    def position(self, path: str, incoming: Incoming) -> str | None:
        """Where the list at `path` is to go on; None: at its beginning. Raises `InvalidNextLink`."""
        token = incoming.ask("nextLink")
        if token is None:
            return None
        return self.read(path, token, resource_id=incoming.resource_id)

    def onward(self, path: str, incoming: Incoming, position: str | None) -> str | None:
        """The link at which whoever asked goes on; None where the list has ended."""
        if position is None:
            return None
        return self.write(
            path, position, resource_id=incoming.resource_id, version=incoming.version
        )

    def write(self, path: str, position: str, *, resource_id: str, version: str) -> str:
        """The link at which the list at `path` goes on from `position`."""
        said = position.encode()
        sealed = self._seal(path, said, resource_id=resource_id) + said
        # No character of base64url is written in two ways in a URL; each client would sign another.
        token = base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")
        return f"{self._base(resource_id)}{path}?nextLink={token}&api-version={version}"

    def read(self, path: str, token: str, *, resource_id: str) -> str:
        """The position that a link's token holds. Raises `InvalidNextLink`."""
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raise InvalidNextLink from None
        seal, said = sealed[:SEAL_BYTES], sealed[SEAL_BYTES:]
        # Decoding skips what it does not know: only the one proper text for these bytes is ours.
        proper = base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=") == token
        if not hmac.compare_digest(seal, self._seal(path, said, resource_id=resource_id)) or (
            not proper
        ):
            raise InvalidNextLink
        return said.decode()

    def _seal(self, path: str, said: bytes, *, resource_id: str) -> bytes:
        # The path and the id have no line breaks, so no two triples are written alike.
        text = f"{path}\n{resource_id}\n".encode() + said
        return hmac.digest(self._key, text, "sha256")[:SEAL_BYTES]
