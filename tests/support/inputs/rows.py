"""The vocabulary of the tables of bad inputs: what is sent, how it is signed, what must be answered.

Texts may hold the names of a house between angle brackets: `<room>`, `<user>`, `<key>` and so on
(`support/inputs/house.py` lists them). A row reads:

    Row("D02", "DELETE of an id that is too short", delete("/rooms/123"),
        refused(400, "BadRequest", "Invalid room ID length."))
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

SIGNED_NAMES = ("x-ms-date", "host", "x-ms-content-sha256")
CLOSED = 0
QUICK, SLOW = 1.0, 10.0
ROOMS_VERSION = "2025-03-13"
IDENTITY_VERSION = "2023-10-01"

Lines: TypeAlias = tuple[tuple[str, str], ...]
Body: TypeAlias = bytes | str | Mapping[str, Any]


def as_it_is(headers: Mapping[str, str]) -> Mapping[str, str]:
    return headers


@dataclass(frozen=True, slots=True)
class Proof:
    """How a request is signed, and where what is signed differs from what is sent.

    None: as sent. `edit` has the last word about the headers that prove.
    """

    key: str = "<key>"
    names: tuple[str, ...] = SIGNED_NAMES
    method: str | None = None
    target: str | None = None
    host: str | None = None
    body: bytes | None = None
    date: str = "<date>"
    edit: Callable[[Mapping[str, str]], Mapping[str, str]] = as_it_is


SIGNED = Proof()


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `headers` may repeat a name, and `host` stand for another than ours."""

    method: str
    target: str
    body: bytes = b""
    headers: Lines = ()
    host: str | None = None
    proof: Proof | None = SIGNED

    @property
    def api(self) -> str:
        return self.target.lstrip("/").partition("?")[0].partition("/")[0]


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes, part by part, as they go on the wire. `<proof>` is a signature's headers for `signs`."""

    parts: tuple[bytes, ...]
    signs: Request | None = None
    # Where to: both listeners, or the one that is not meant for it.
    doors: tuple[str, ...] = ("plain", "tls")
    # Whose words are wanted in answer.
    api: str = "rooms"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be answered. `statuses` with `CLOSED`: or the connection is closed without a word."""

    statuses: tuple[int, ...]
    code: str | None = None
    message: str | None = None
    target: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    within: float = QUICK


@dataclass(frozen=True, slots=True)
class Row:
    """One bad (or odd) input and its answer. `id` is the line of the list it stands for."""

    id: str
    what: str
    send: Request | Raw
    wanted: Wanted
    # Size and framing are judged before the caller is known.
    before_authentication: bool = False
    # What an accepted input must have come to: a look at the house and the answer's JSON.
    came_to: Callable[..., object] | None = None

    @property
    def name(self) -> str:
        return f"{self.id}: {self.what}"


# -- requests -------------------------------------------------------------------------------------


def get(target: str, **headers: str) -> Request:
    return Request("GET", versioned(target), headers=lines(headers))


def delete(target: str, **headers: str) -> Request:
    return Request("DELETE", versioned(target), headers=lines(headers))


def post(target: str, body: Body = b"", **headers: str) -> Request:
    return with_body(
        "POST", target, body, headers=lines({"content_type": "application/json"} | headers)
    )


def patch(target: str, body: Body = b"", **headers: str) -> Request:
    kind = {"content_type": "application/merge-patch+json"}
    return with_body("PATCH", target, body, headers=lines(kind | headers))


def with_body(method: str, target: str, body: Body, *, headers: Lines = ()) -> Request:
    return Request(method, versioned(target), as_bytes(body), headers)


def create(body: Body) -> Request:
    """A new room."""
    return post("/rooms", body)


def roster(entries: Body) -> Request:
    """A change of the house's roster."""
    if isinstance(entries, Mapping):
        return patch("/rooms/<room>/participants", {"participants": entries})
    return patch("/rooms/<room>/participants", entries)


def without(request: Request, *names: str) -> Request:
    """The same without some headers."""
    kept = tuple(one for one in request.headers if one[0].lower() not in names)
    return replace(request, headers=kept)


def proved(request: Request, **how: Any) -> Request:  # noqa: ANN401 (the fields of a proof)
    """The same, signed in another way."""
    return replace(request, proof=Proof(**how))


def unproved(request: Request) -> Request:
    return replace(request, proof=None)


def lines(headers: Mapping[str, str]) -> Lines:
    """Headers from keywords: `content_type` is `content-type`; an empty text leaves it out."""
    return tuple((name.replace("_", "-"), value) for name, value in headers.items() if value)


def as_bytes(body: Body) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def versioned(target: str) -> str:
    """With the newest api-version, unless the target speaks of one, or says that it wants none."""
    if "api-version" in target:
        return target
    if target.endswith("?"):
        return target[:-1]
    api = target.lstrip("/").partition("?")[0].partition("/")[0]
    version = IDENTITY_VERSION if api in {"identities", "teamsUser", "access"} else ROOMS_VERSION
    return f"{target}{'&' if '?' in target else '?'}api-version={version}"


def raw(
    *parts: bytes,
    signs: Request | None = None,
    doors: tuple[str, ...] = ("plain", "tls"),
    api: str = "rooms",
) -> Raw:
    return Raw(parts, signs, doors, api)


# -- answers --------------------------------------------------------------------------------------


def refused(
    status: int | tuple[int, ...],
    code: str | None = None,
    message: str | None = None,
    *,
    target: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Wanted:
    """An error. With `target`, `message` is the detail's (Rooms) or the error's own (Identity)."""
    statuses = status if isinstance(status, tuple) else (status,)
    return Wanted(statuses, code, message, target, headers or {})


def accepted(status: int, **headers: str) -> Wanted:
    return Wanted((status,), headers=dict(lines(headers)))


def denied(message: str = "Denied by the resource provider.") -> Wanted:
    return refused(401, "Denied", message)
