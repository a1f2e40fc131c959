"""Who calls a server API: the resource whose access key signed the request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from openrooms.http.dates import parse_http_date
from openrooms.http.errors import Denied, WrongContentHash
from openrooms.http.headers import Headers
from openrooms.http.signing import (
    CONTENT_HASH,
    hash_content,
    hosts,
    is_signed,
    parse_authorization,
    signed_text,
    targets,
)
from openrooms.kernel.clock import Clock

WINDOW = timedelta(minutes=15)


class Tenant(Protocol):
    """A resource, with its access keys ready for use."""

    @property
    def id(self) -> str: ...

    @property
    def access_keys(self) -> tuple[bytes, bytes]: ...


class AccessKeys(Protocol):
    """Knows which resources are reached under which name."""

    def serving(self, host: str) -> Sequence[Tenant]:
        """The resources that may be meant by this host name, which comes without a port.

        They are few, and more than one only where the key has to tell them apart.
        """


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a signature is about."""

    method: str
    target: str
    scheme: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """The one value of a header. One that is missing or was sent twice proves nothing."""
        value = self.headers.get(name)
        if value is None or name in self.headers.repeated:
            raise Denied(f"{name} missing, or sent more than once")
        return value

    @property
    def host_name(self) -> str:
        """The host name without its port."""
        host = self.header("host")
        name, colon, port = host.rpartition(":")
        return (name if colon and port.isdigit() else host).lower()


class Authentication:
    """Proves requests. `window`: how far a request's date may be off; None lets any date pass."""

    def __init__(self, keys: AccessKeys, clock: Clock, window: timedelta | None = WINDOW) -> None:
        self._keys = keys
        self._clock = clock
        self._window = window

    def prove(self, request: SignedRequest) -> str:
        """The id of the resource whose key signed the request. Raises `Denied`."""
        credential = parse_authorization(request.header("authorization"))
        if credential is None or not credential.signed.bind_all:
            raise Denied("no access-key credential")
        if request.header(CONTENT_HASH) != hash_content(request.body):
            raise WrongContentHash("content hash")
        self._check_date(request.header(credential.signed.date or "date"))
        tenants = self._keys.serving(request.host_name)
        if not tenants:
            raise Denied("no resource under this host name")
        # Each of them is tried, whichever it was: the time tells nothing.
        sent = {name: request.header(name) for name in credential.signed.names}
        proved = [
            tenant.id
            for tenant in tenants
            if _has_signed(tenant, credential.signature, request, sent=sent)
        ]
        if not proved:
            raise Denied("signature")
        return proved[0]

    def _check_date(self, text: str) -> None:
        try:
            skew = self._clock() - parse_http_date(text)
        except ValueError:
            raise Denied("date unreadable") from None
        if self._window is not None and abs(skew) > self._window:
            raise Denied(f"date off by {int(skew.total_seconds())} s")


def _has_signed(
    tenant: Tenant, signature: bytes, request: SignedRequest, *, sent: Mapping[str, str]
) -> bool:
    """Whether a key of the tenant makes this signature, in any form that clients sign.

    The likeliest comes first, and the first that fits ends it: what the time tells is how the
    caller signs, which he knows.
    """
    for host in hosts(sent["host"], request.scheme):
        values = list({**sent, "host": host}.values())
        for target in targets(request.target):
            text = signed_text(request.method, target, values)
            for key in tenant.access_keys:
                if is_signed(text, key, signature):
                    return True
    return False
