"""Only a token that the issuer signed, for us and for now, with the role, proves who calls."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from support.issuing import EC_KEY, NOW, OTHER_RSA_KEY, ROLE, RSA_KEY, Issuing, Key, issuing, jwk

from openrooms.http.bearer import LONGEST_TOKEN, BearerTokens, Terms, is_bearer
from openrooms.http.errors import Denied
from openrooms.http.issuers import Issuer, IssuerAway

pytestmark = pytest.mark.anyio

SECONDS = int(NOW.timestamp())


@dataclass(frozen=True)
class Resource:
    id: str
    name: str


OURS, THEIRS = Resource("id-ours", "ours"), Resource("id-theirs", "theirs")


class Hosts:
    def serving(self, host: str) -> Sequence[Resource]:
        return {"ours": (OURS,), "theirs": (THEIRS,), "both": (OURS, THEIRS)}.get(host, ())


@pytest.fixture(scope="module")
def remote() -> Iterator[Issuing]:
    with issuing() as running:
        yield running


def bearer(remote: Issuing, **changed: str) -> BearerTokens:
    terms: dict[str, Any] = {
        "audience": "https://communication.azure.com/",
        "role_claim": "roles",
        "role": ROLE,
    }
    return BearerTokens(
        Issuer(remote.name), Terms(**terms | changed), directory=Hosts(), clock=lambda: NOW
    )


async def prove(remote: Issuing, token: str, host: str = "ours", **changed: str) -> str:
    return await bearer(remote, **changed).prove(f"Bearer {token}", host)


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        ("Bearer x", True),
        ("bearer x", True),
        ("BEARER ", True),
        ("Bearer", False),
        ("Basic x", False),
        ("HMAC-SHA256 SignedHeaders=host&Signature=x", False),
        ("", False),
    ],
)
def test_a_bearer_header_is_known_by_its_scheme(header: str, *, holds: bool) -> None:
    assert is_bearer(header) is holds


@pytest.mark.parametrize(
    ("key", "key_id", "algorithm"),
    [(RSA_KEY, "rsa", "RS256"), (RSA_KEY, "rsa", "PS256"), (EC_KEY, "ec", "ES256")],
)
async def test_a_good_token_proves_the_resource_of_the_host(
    remote: Issuing, key: Key, key_id: str, algorithm: str
) -> None:
    token = remote.signed(key, key_id, algorithm)

    assert await prove(remote, token) == "id-ours"
    assert await prove(remote, token, "theirs") == "id-theirs"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://communication.azure.com"},
        {"aud": "https://communication.azure.com//"},
        {"aud": ["other", "https://communication.azure.com/"]},
        {"roles": ROLE},
        {"roles": ["other", ROLE]},
        {"nbf": None},
        {"exp": SECONDS - 59},
        {"exp": SECONDS + 0.5},
        {"iat": SECONDS + 60, "nbf": SECONDS + 60},
        {"iat": 0},
        {"sub": 7, "jti": 7},
    ],
)
async def test_what_issuers_do_differently_is_accepted(
    remote: Issuing, changed: dict[str, object]
) -> None:
    assert await prove(remote, remote.token(**changed)) == "id-ours"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://other.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"iss": ["x"]}, "another issuer"),
        ({"aud": "other"}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": {"https://communication.azure.com/": 1}}, "another audience"),
        ({"exp": None}, "exp is no moment"),
        ({"exp": "2030"}, "exp is no moment"),
        ({"exp": True}, "exp is no moment"),
        ({"exp": 10**400}, "exp is no moment"),
        ({"exp": float("inf")}, "exp is no moment"),
        ({"exp": float("nan")}, "exp is no moment"),
        ({"exp": SECONDS - 60}, "expired"),
        ({"iat": None}, "iat is no moment"),
        ({"iat": SECONDS + 61}, "issued in the future"),
        ({"nbf": SECONDS + 61}, "not yet good"),
        ({"nbf": "now"}, "nbf is no moment"),
        ({"roles": None}, "role missing"),
        ({"roles": []}, "role missing"),
        ({"roles": ["Other", 7]}, "role missing"),
        ({"roles": {ROLE: True}}, "role missing"),
        ({"roles": f"{ROLE} Other"}, "role missing"),
    ],
)
async def test_a_token_that_says_anything_else_is_denied(
    remote: Issuing, changed: dict[str, object], reason: str
) -> None:
    with pytest.raises(Denied, match=reason) as denied:
        await prove(remote, remote.token(**changed))

    assert denied.value.message == "Denied by the resource provider."
    assert not denied.value.headers


def raw(header: object, claims: object, signature: bytes = b"x") -> str:
    """Three segments, whatever they hold."""
    said = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in said)


def with_header(remote: Issuing, **headers: object) -> str:
    told = {"kid": "rsa"} | headers
    return jwt.encode(remote.claims(), RSA_KEY, "RS256", headers=told)


PUBLIC = RSA_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _with_public_key(remote: Issuing) -> str:
    """Signed with a secret that everybody knows."""
    said = raw({"alg": "HS256", "kid": "rsa"}, remote.claims()).rpartition(".")[0]
    signature = base64.urlsafe_b64encode(hmac.digest(PUBLIC, said.encode(), "sha256"))
    return f"{said}.{signature.decode().rstrip('=')}"


def _deep() -> str:
    return base64.urlsafe_b64encode(b"[" * 6000).decode().rstrip("=")


def _changed(token: str) -> str:
    header, claims, signature = token.split(".")
    said = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))
    changed = said.replace(b'"Other"', f'"{ROLE}"'.encode())
    return ".".join([header, base64.urlsafe_b64encode(changed).decode().rstrip("="), signature])


FORGERIES: dict[str, Callable[[Issuing], str]] = {
    "no signature": lambda it: raw({"alg": "none", "kid": "rsa"}, it.claims(), b""),
    "our public key as a secret": _with_public_key,
    "another key": lambda it: it.signed(OTHER_RSA_KEY, "rsa"),
    "a key of another kind": lambda it: it.signed(EC_KEY, "rsa", "ES256"),
    "an algorithm that we do not take": lambda it: it.signed(RSA_KEY, "rsa", "RS512"),
    "an unknown key": lambda it: it.signed(OTHER_RSA_KEY, "other"),
    "a path as key": lambda it: it.signed(RSA_KEY, "../../etc/passwd"),
    "a huge key id": lambda it: it.signed(RSA_KEY, "k" * 10_000),
    "no key id": lambda it: jwt.encode(it.claims(), RSA_KEY, "RS256"),
    "a number as key id": lambda it: raw({"alg": "RS256", "kid": 7}, it.claims()),
    "an extension": lambda it: with_header(it, crit=["exp"]),
    "claims that are a list": lambda _: raw({"alg": "RS256", "kid": "rsa"}, []),
    "a header that is a list": lambda it: raw([], it.claims()),
    "changed claims": lambda it: _changed(it.token(roles=["Other"])),
    "a line break": lambda it: it.token() + "\n",
    "a fourth part": lambda it: it.token() + ".x",
    "nothing": lambda _: "",
    "too much": lambda _: "x" * (LONGEST_TOKEN + 1),
    "letters of another script": lambda _: "ä.ö.ü",
    "deep claims": lambda it: it.token().split(".")[0] + "." + _deep() + ".x",
    "deep header": lambda _: _deep() + ".e30.x",
}


@pytest.mark.parametrize("how", list(FORGERIES))
async def test_a_forged_token_is_denied(remote: Issuing, how: str) -> None:
    with pytest.raises(Denied, match="bearer"):
        await prove(remote, FORGERIES[how](remote))


@pytest.mark.parametrize("header", ["jku", "x5u", "jwk", "x5c"])
async def test_a_key_that_the_token_brings_along_is_ignored(remote: Issuing, header: str) -> None:
    with issuing() as elsewhere:
        value = {
            "jku": f"{elsewhere.name}/keys",
            "x5u": f"{elsewhere.name}/cert",
            "jwk": jwk(OTHER_RSA_KEY, "own"),
            "x5c": ["MIIB"],
        }[header]
        headers = {"kid": "own", header: value}
        forged = jwt.encode(remote.claims(), OTHER_RSA_KEY, "RS256", headers=headers)

        with pytest.raises(Denied, match="unknown key"):
            await prove(remote, forged)

        assert elsewhere.asked == []


async def test_a_token_that_cannot_be_good_does_not_make_us_ask_the_issuer() -> None:
    with issuing() as remote:
        for changed in ({"iss": "x"}, {"aud": "x"}, {"exp": 1}):
            with pytest.raises(Denied):
                await prove(remote, remote.token(**changed))

        assert remote.asked == []


async def test_an_issuer_that_is_away_is_told_apart_from_a_bad_token() -> None:
    with issuing() as remote:
        token = remote.token()

    with pytest.raises(IssuerAway):
        await prove(remote, token)


@pytest.mark.parametrize("host", ["both", "nobody"])
async def test_which_resource_is_meant_must_be_clear(remote: Issuing, host: str) -> None:
    with pytest.raises(Denied, match="resources are meant"):
        await prove(remote, remote.token(), host)


@pytest.mark.parametrize("named", ["theirs", "id-theirs", ["x", "theirs"]])
async def test_a_claim_may_name_the_resource(remote: Issuing, named: object) -> None:
    token = remote.token(tenant=named)

    assert await prove(remote, token, "both", resource_claim="tenant") == "id-theirs"
    with pytest.raises(Denied, match="0 resources"):
        await prove(remote, token, "ours", resource_claim="tenant")


async def test_a_token_without_that_claim_is_for_no_resource(remote: Issuing) -> None:
    with pytest.raises(Denied, match="0 resources"):
        await prove(remote, remote.token(), "ours", resource_claim="tenant")


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": [ROLE]}}),
        ("https://x.example/roles", {"https://x.example/roles": [ROLE]}),
        ("a.b.c", {"a": {"b": {"c": ROLE}}}),
    ],
)
async def test_roles_may_be_in_a_claim_of_any_name(
    remote: Issuing, claim: str, claims: dict[str, object]
) -> None:
    token = remote.token(roles=None, **claims)

    assert await prove(remote, token, role_claim=claim) == "id-ours"
    with pytest.raises(Denied, match="role missing"):
        await prove(remote, remote.token(), role_claim=claim)


@given(st.text(max_size=300))
async def test_no_text_breaks_the_reader(text: str) -> None:
    tokens = BearerTokens(
        Issuer("https://id.example"),
        Terms("aud", "roles", ROLE),
        directory=Hosts(),
        clock=lambda: NOW,
    )

    for token in (text, f"{text}.{text}.{text}"):
        with pytest.raises(Denied):
            await tokens.prove(f"Bearer {token}", "ours")
