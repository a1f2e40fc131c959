"""The JSON of identities and their tokens, from 2021-03-07 to 2025-06-30, and our public keys."""

import base64
from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from openrooms.http.bodies import Moment, encode_json, parse_json, read_usual
from openrooms.http.dates import format_moment
from openrooms.http.versions import Versions
from openrooms.identity.errors import AppIdRequired, Unreadable
from openrooms.identity.model import (
    LONGEST_CUSTOM_ID,
    LONGEST_LIFE,
    SHORTEST_LIFE,
    AccessToken,
    Identity,
    NewIdentity,
    Scope,
    TokenWish,
    check_custom_id,
    choose_lifetime,
    parse_scopes,
)
from openrooms.identity.tokens import ALGORITHM, SigningKey
from openrooms.kernel.identifiers import CommunicationUser

VERSIONS = Versions(
    supported=(
        "2021-03-07",
        "2022-06-01",
        "2022-10-01",
        "2023-10-01",
        "2025-03-02-preview",
        "2025-06-30",
    ),
    # For a while the hosted service listed this one instead of the next (docs/compat/identity.md).
    aliases={"2023-08-01": "2023-10-01"},
)
LONGEST_NUMBER = 63
EXCHANGE_SINCE = "2022-06-01"
ENTRA_SINCE = CUSTOM_ID_SINCE = "2025-03-02-preview"

# What the shapes below are made of.
Scopes: TypeAlias = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=len(Scope))]
# In minutes.
Lifetime: TypeAlias = Annotated[
    int,
    msgspec.Meta(ge=SHORTEST_LIFE, le=LONGEST_LIFE, extra_json_schema={"format": "int32"}),
]
CustomId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CUSTOM_ID)]


class CommunicationIdentity(msgspec.Struct, rename="camel", omit_defaults=True):
    """An identity, by its raw id. The rest is told from 2025-03-02-preview on, where there is any."""

    id: str
    custom_id: str | None = None
    last_token_issued_at: Moment | None = None


class CommunicationIdentityAccessToken(msgspec.Struct, rename="camel"):
    """A token as it is handed out."""

    token: str
    expires_on: Moment


class CommunicationIdentityAccessTokenResult(msgspec.Struct, rename="camel", omit_defaults=True):
    """A new identity, with a token if one was asked for."""

    identity: CommunicationIdentity
    access_token: CommunicationIdentityAccessToken | None = None


class CommunicationIdentityCreateRequest(msgspec.Struct, rename="camel"):
    """What `read_creation` takes. Null stands for what is not said."""

    create_token_with_scopes: Scopes | None = None
    expires_in_minutes: Lifetime | None = None
    custom_id: CustomId | None = None


class CommunicationIdentityAccessTokenRequest(msgspec.Struct, rename="camel"):
    """What `read_issue` takes."""

    scopes: Scopes
    expires_in_minutes: Lifetime | None = None


class _UsualIssue(
    CommunicationIdentityAccessTokenRequest, rename="camel", forbid_unknown_fields=True
):
    """A request to issue a token, in the form in which nearly all clients send it."""


_USUAL_ISSUE = msgspec.json.Decoder(_UsualIssue)


class TeamsUserExchangeTokenRequest(msgspec.Struct, rename="camel"):
    """What `read_exchange` takes."""

    token: str
    app_id: str
    user_id: str


class JsonWebKey(msgspec.Struct):
    """The public half of a signing key."""

    kid: str
    x: str
    y: str
    kty: str = "EC"
    crv: str = "P-256"
    alg: str = ALGORITHM
    use: str = "sig"


def read_creation(body: bytes) -> NewIdentity:
    """What a request to create an identity asks for. The body may be empty."""
    fields = _fields(body) if body else {}
    names, minutes = _names(fields, "createTokenWithScopes"), _minutes(fields)
    custom_id = _text(fields, "customId")
    scopes = None if names is None else parse_scopes(names)
    # Wrong all the same when no token is asked for.
    lifetime = choose_lifetime(minutes)
    token = None if scopes is None else TokenWish(scopes, lifetime)
    return NewIdentity(token, check_custom_id(custom_id))


def read_issue(body: bytes) -> TokenWish:
    """The token that a request to issue one asks for."""
    usual = read_usual(_USUAL_ISSUE, body)
    if usual is not None:
        return TokenWish(parse_scopes(usual.scopes), choose_lifetime(usual.expires_in_minutes))
    # Whatever else can be understood; or what is wrong with it, to the letter.
    fields = _fields(body)
    names, minutes = _names(fields, "scopes"), _minutes(fields)
    return TokenWish(parse_scopes(names), choose_lifetime(minutes))


def read_exchange(body: bytes) -> str:
    """The token of a Teams user that is to be exchanged; empty when there is none."""
    fields = _fields(body)
    token, app, _ = (_text(fields, name) or "" for name in ("token", "appId", "userId"))
    if not app.strip():
        raise AppIdRequired
    return token


def write_creation(
    user: CommunicationUser, token: AccessToken | None, custom_id: str | None = None
) -> bytes:
    identity = CommunicationIdentity(user.raw_id, custom_id)
    return encode_json(
        CommunicationIdentityAccessTokenResult(identity, None if token is None else _token(token))
    )


def write_identity(identity: Identity) -> bytes:
    issued_at = identity.last_token_issued_at
    shown = None if issued_at is None else format_moment(issued_at)
    return encode_json(CommunicationIdentity(identity.user.raw_id, identity.custom_id, shown))


def write_token(token: AccessToken) -> bytes:
    return encode_json(_token(token))


def write_keys(keys: Iterable[SigningKey]) -> bytes:
    """A JSON Web Key Set: what anyone needs to check our tokens."""
    return encode_json({"keys": [_key(key) for key in keys]})


def _token(token: AccessToken) -> CommunicationIdentityAccessToken:
    return CommunicationIdentityAccessToken(token.token, format_moment(token.expires_on))


def _key(key: SigningKey) -> JsonWebKey:
    numbers = key.public_numbers
    return JsonWebKey(key.id, _coordinate(numbers.x), _coordinate(numbers.y))


def _coordinate(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode("ascii").rstrip("=")


def _fields(body: bytes) -> dict[str, object]:
    value = parse_json(body)
    if not isinstance(value, dict):
        raise Unreadable("The body must be a JSON object.", "$")
    return value


def _names(fields: Mapping[str, object], name: str) -> list[str] | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(scope, str) for scope in value):
        raise Unreadable("Scopes: The value must be a list of texts.", "Scopes")
    return value


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    shown = name[0].upper() + name[1:]
    raise Unreadable(f"{shown}: The value must be text.", shown)


def _minutes(fields: Mapping[str, object]) -> int | None:
    value = fields.get("expiresInMinutes")
    if value is None:
        return None
    # A boolean is an integer, too; and one with hundreds of digits is not repeated to anybody.
    if not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > LONGEST_NUMBER:
        message = "ExpiresInMinutes: The value must be a whole number of minutes."
        raise Unreadable(message, "ExpiresInMinutes")
    return value
