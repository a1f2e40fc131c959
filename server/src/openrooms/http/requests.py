"""A request to a server API, as its connection read it."""

from openrooms.http.errors import Denied
from openrooms.http.headers import Headers

# The headers that we ask for. Another one that a caller says he signed has a name of his choosing.
ASKED = frozenset({"authorization", "date", "host", "x-ms-content-sha256", "x-ms-date"})


class Request:
    """The head of a request, and its body when that has come.

    `target` is the path with its query, as they were sent.
    """

    __slots__ = ("body", "headers", "method", "path", "query", "scheme", "target")

    def __init__(
        self, method: str, target: str, *, scheme: str, headers: Headers, body: bytes = b""
    ) -> None:
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.scheme = scheme
        self.headers = headers
        self.body = body

    @property
    def needs_body(self) -> bool:
        """Whether its body is looked at: not, when nobody says that he sent it."""
        return "authorization" in self.headers

    @property
    def uri(self) -> str:
        return f"{self.scheme}://{self.headers.get('host', '')}{self.path}"

    @property
    def host_name(self) -> str:
        """The host name without its port."""
        host = self.header("host")
        name, colon, port = host.rpartition(":")
        return (name if colon and port.isdigit() else host).lower()

    def header(self, name: str) -> str:
        """The one value of a header. One that is missing or was sent twice proves nothing."""
        headers = self.headers
        if name in headers and name not in headers.repeated:
            return headers[name]
        told = name if name in ASKED else "a signed header"
        raise Denied(f"{told} missing, or sent more than once")
