"""User tokens as a forger would make them, from a good one: other headers, claims, signatures, bytes."""

import base64
import json
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st

from support.fuzz.octets import MUTATIONS, Mutation
from support.fuzz.shapes import JSON_VALUES, TEXTS

OWN = ec.generate_private_key(ec.SECP256R1())
LEFT_OUT = object()
NUMBERS = st.sampled_from([0, -1, 1.5, 2**31, 2**63, 10**400, True, "1900000000", None])
TEXTS_OF_FORGERS = st.sampled_from(
    ["", "../../etc/passwd", "' OR 1=1--", "k" * 10_000, "http://127.0.0.1:9/keys", "\0", "a\nb"]
)
ODD = st.just(LEFT_OUT) | TEXTS_OF_FORGERS | TEXTS | JSON_VALUES
HEADS = st.dictionaries(
    st.sampled_from(["kid", "typ", "jku", "x5u", "jwk", "crit", "b64", "zip", "cty", "x5c"]),
    ODD | st.just(["exp"]),
    max_size=3,
)
ALGORITHMS = st.sampled_from(
    ["ES256", "none", "None", "HS256", "HS512", "RS256", "PS256", "ES384", "EdDSA", "", None, 1]
)
CLAIMS = st.dictionaries(
    st.sampled_from(["exp", "iat", "nbf", "gen", "csi", "scp"]), NUMBERS | ODD, max_size=2
) | st.dictionaries(
    st.sampled_from(["skypeid", "acsScope", "resourceId", "iss", "aud", "sub"]), ODD, max_size=3
)
# What stands in the place of the signature.
SIGNATURES = ("kept", "none", "own", "shared", "padded", "short", "other form")


@dataclass(frozen=True, slots=True)
class Forged:
    """What is done to a good token."""

    algorithm: object
    head: dict[str, object]
    claims: dict[str, object]
    signature: str
    mutations: tuple[Mutation, ...]

    def forge(self, good: str) -> str:
        """The token that becomes of a good one."""
        head, payload, signature = good.split(".")
        if self.algorithm != "ES256" or self.head:
            head = _part(changed(jwt.get_unverified_header(good), self.head | self._named()))
        if self.claims:
            payload = _part(changed(claims_of(good), self.claims))
        made = f"{head}.{payload}.{self._signed(f'{head}.{payload}', signature)}".encode()
        for mutation in self.mutations:
            made = mutation.apply(made)
        # What is no UTF-8 is never sent: the frame that brings a token is a text.
        return made.decode(errors="replace")

    def _named(self) -> dict[str, object]:
        return {"alg": self.algorithm}

    def _signed(self, said: str, kept: str) -> str:
        match self.signature:
            case "none":
                return ""
            case "own":
                return _seal(said, OWN)
            case "shared":
                return _b64(jwt.get_algorithm_by_name("HS256").sign(said.encode(), b"openrooms"))
            case "padded":
                return kept + "=="
            case "short":
                return kept[:-1]
            case "other form":
                # The last letter of a signature has bits that decode to nothing.
                return kept[:-1] + chr(ord(kept[-1]) + 1)
            case _:
                return kept


FORGED = st.builds(
    Forged,
    algorithm=st.just("ES256") | ALGORITHMS,
    head=st.just({}) | HEADS,
    claims=st.just({}) | CLAIMS,
    signature=st.sampled_from(SIGNATURES),
    mutations=st.just(()) | st.lists(MUTATIONS, max_size=2).map(tuple),
)


def claims_of(token: str) -> dict[str, object]:
    """What a token says, whoever signed it."""
    return dict(jwt.decode(token, options={"verify_signature": False}))


def changed(said: dict[str, object], by: dict[str, object]) -> dict[str, object]:
    """Some members changed or put in, and those that are left out left out."""
    return {name: one for name, one in (said | by).items() if one is not LEFT_OUT}


def signed(
    claims: dict[str, object], head: dict[str, object], key: ec.EllipticCurvePrivateKey
) -> str:
    """Any claims under any header, properly signed."""
    said = f"{_part(head)}.{_part(claims)}"
    return f"{said}.{_seal(said, key)}"


def _seal(said: str, key: ec.EllipticCurvePrivateKey) -> str:
    return _b64(jwt.get_algorithm_by_name("ES256").sign(said.encode(), key))


def _part(value: object) -> str:
    return _b64(json.dumps(value).encode())


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
