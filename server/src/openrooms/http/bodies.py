"""Bodies: what may be sent, how large and how deep it may be, and how JSON is read."""

import re
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from openrooms.http.errors import MalformedBody

T = TypeVar("T")

# A date and time as text, in the types that describe bodies.
Moment: TypeAlias = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]

LARGEST_BODY = 1024 * 1024
DEEPEST = 64
JSON = frozenset({"application/json"})
# Clients of 2022 sent plain JSON on PATCH.
MERGE_PATCH = frozenset({"application/merge-patch+json", "application/json"})

# Strings whole (an open one up to the end), so that brackets inside them do not count. Every branch
# consumes what it has seen: the time is linear in the length, whatever is sent.
_SHAPE = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_OPENING = b"[{"


def encode_json(value: object) -> bytes:
    """JSON as answers carry it."""
    return msgspec.json.encode(value)


def parse_json(body: bytes) -> object:
    """Read strict JSON. Raises `MalformedBody`, never anything else."""
    if not body:
        raise MalformedBody("A non-empty request body is required.")
    if _is_too_deep(body):
        raise MalformedBody(f"The JSON is nested more than {DEEPEST} levels deep.")
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedBody("The body is not valid JSON.") from error
    if rb"\u0000" in body and _holds_nul(value):
        # PostgreSQL cannot store it, so no database may.
        raise MalformedBody("A string holds a NUL character.")
    return value


def reason_and_place(error: msgspec.ValidationError) -> tuple[str, str]:
    """Why JSON is not what a type says, and where in it: msgspec says both in one."""
    message, _, place = str(error).partition(" - at `")
    return f"{message}.", place.removeprefix("key` in `").removesuffix("`") or "$"


def read_usual(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    """A body that is nothing but what the decoder's type says; None of any other: see `parse_json`.

    The type has to forbid unknown fields and to know the type of each value, and so how deep it is.
    """
    if rb"\u0000" in body:
        return None
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def parse_media_type(header: str | None) -> str | None:
    """The media type in lower case; None when it is missing, or its charset is not UTF-8."""
    if header is None:
        return None
    media_type, *parameters = header.lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') != "utf-8":
            return None
    return media_type.strip()


def _is_too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for match in _SHAPE.finditer(body):
        first = body[match.start()]
        if first in _OPENING:
            depth += 1
            if depth > DEEPEST:
                return True
        elif first in b"]}":
            depth -= 1
    return False


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(_holds_nul(inner) for inner in value)
