"""Who calls a server API: the resource whose access key signed the request."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice, product
from typing import Protocol

import msgspec

from openrooms.http.dates import parse_http_date
from openrooms.http.errors import Denied, WrongContentHash
from openrooms.http.requests import Request
from openrooms.http.signing import (
    CONTENT_HASH,
    SignedNames,
    hash_content,
    hosts,
    is_signed,
    parse_authorization,
    signed_text,
    targets,
)
from openrooms.kernel.access_keys import WhichKey
from openrooms.kernel.clock import Clock

WINDOW = timedelta(minutes=15)
_PRIMARY, _SECONDARY = WhichKey.PRIMARY.value, WhichKey.SECONDARY.value


class Proof(msgspec.Struct, frozen=True):
    """Whose request it is, and by which of his keys."""

    resource_id: str
    # The text of a `WhichKey`.
    key: str


class Tenant(Protocol):
    """A resource, with its access keys ready for use: the primary one and the secondary one."""

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


class Authentication:
    """Proves requests. `window`: how far a request's date may be off; None lets any date pass."""

    def __init__(self, keys: AccessKeys, clock: Clock, window: timedelta | None = WINDOW) -> None:
        self._keys = keys
        self._clock = clock
        self._window = window

    def prove(self, request: Request) -> Proof:
        """The resource whose key signed the request. Raises `Denied`."""
        credential = parse_authorization(request.header("authorization"))
        if credential is None or not credential.signed.bind_all:
            raise Denied("no access-key credential")
        signed, headers = credential.signed, request.headers
        values = request.values(signed.names)
        if headers[CONTENT_HASH] != hash_content(request.body):
            raise WrongContentHash("content hash")
        self._check_date(headers[signed.date])
        tenants = self._keys.serving(request.host_name)
        if not tenants:
            raise Denied("no resource under this host name")
        # The likeliest form comes first, and the first that fits ends it: what the time tells is
        # how the caller signs, which he knows.
        usual = signed_text(request.method, request.target, values)
        proof = _prove(tenants, usual, credential.signature)
        if proof is None:
            others = _other_texts(request, signed)
            proofs = (_prove(tenants, text, credential.signature) for text in others)
            proof = next(filter(None, proofs), None)
        if proof is None:
            raise Denied("signature")
        return proof

    def _check_date(self, text: str) -> None:
        try:
            date = parse_http_date(text)
        except ValueError:
            raise Denied("date unreadable") from None
        if self._window is None:
            return
        skew = self._clock() - date
        if abs(skew) > self._window:
            raise Denied(f"date off by {int(skew.total_seconds())} s")


def _prove(tenants: Sequence[Tenant], text: bytes, signature: bytes) -> Proof | None:
    """By which key of which tenant the text was signed; None by none of them.

    Each tenant is tried, whichever it was: the time does not tell.
    """
    found = None
    for tenant in tenants:
        primary, secondary = tenant.access_keys
        if is_signed(text, primary, signature):
            found = found or Proof(tenant.id, _PRIMARY)
        elif is_signed(text, secondary, signature):
            found = found or Proof(tenant.id, _SECONDARY)
    return found


def _other_texts(request: Request, signed: SignedNames) -> Iterator[bytes]:
    """What may have been signed of a request whose client did not sign what he sent."""
    forms = product(hosts(request.headers["host"], request.scheme), targets(request.target))
    for host, target in islice(forms, 1, None):
        said = request.headers | {"host": host}
        yield signed_text(request.method, target, [said[name] for name in signed.names])
