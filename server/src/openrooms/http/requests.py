"""A request to a server API, as its connection read it."""

from collections.abc import Sequence
from functools import lru_cache

from openrooms.http.errors import Denied
from openrooms.http.headers import Headers

# The headers that we ask for. Another one that a caller says he signed has a name of his choosing.
ASKED = frozenset({"authorization", "date", "host", "x-ms-content-sha256", "x-ms-date"})


class Request:
    """The head of a request, and its body when that has come.

    `target` is the path with its query, as they were sent. `needs_body`: whether its body is looked
    at: not, when nobody says that he sent it.
    """

    __slots__ = ("body", "headers", "method", "needs_body", "path", "query", "scheme", "target")

    def __init__(
        self, method: str, target: str, *, scheme: str, headers: Headers, body: bytes = b""
    ) -> None:
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.scheme = scheme
        self.headers = headers
        self.body = body
        self.needs_body = "authorization" in headers

    @property
    def uri(self) -> str:
        return f"{self.scheme}://{self.headers.get('host', '')}{self.path}"

    @property
    def host_name(self) -> str:
        """The host name without its port."""
        return _without_port(self.header("host"))

    def header(self, name: str) -> str:
        """The one value of a header. One that is missing or was sent twice proves nothing."""
        headers = self.headers
        if name in headers and name not in headers.repeated:
            return headers[name]
        raise _unproven(name)

    def values(self, names: Sequence[str]) -> list[str]:
        """The one value of each of these headers, in their order."""
        headers = self.headers
        if headers.repeated:
            return [self.header(name) for name in names]
        try:
            return list(map(headers.__getitem__, names))
        except KeyError as error:
            raise _unproven(error.args[0]) from None


def _unproven(name: str) -> Denied:
    told = name if name in ASKED else "a signed header"
    return Denied(f"{told} missing, or sent more than once")


# All callers together use a handful of names.
@lru_cache(maxsize=64)
def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
