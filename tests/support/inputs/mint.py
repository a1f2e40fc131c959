"""A forger of user tokens who holds more than any attacker should: our own signing key."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from openrooms.storage.secrets import open_vault
from support.engine import key_pair
from support.inputs.tables import Tables
from support.server import Server

SCOPE = "acsScope"


@dataclass(frozen=True, slots=True)
class Mint:
    """A good token of a user, the key that signed it, and an address that must never be asked."""

    good: str
    key: ec.EllipticCurvePrivateKey
    data: Path
    elsewhere: str

    @property
    def header(self) -> dict[str, Any]:
        return dict(jwt.get_unverified_header(self.good))

    @property
    def claims(self) -> dict[str, Any]:
        return dict(jwt.decode(self.good, options={"verify_signature": False}))

    @property
    def now(self) -> int:
        return int(time.time())

    def signed(
        self, *, header: Mapping[str, object] | None = None, without: str = "", **claims: object
    ) -> str:
        """A token with some claims changed, properly signed with our key."""
        said = {name: value for name, value in (self.claims | claims).items() if name != without}
        return self.sealed(self.header | dict(header or {}), said)

    def sealed(self, header: Mapping[str, object], claims: object) -> str:
        """Any header over any payload, signed with our key."""
        signing = f"{part(header)}.{part(claims)}"
        method = jwt.get_algorithm_by_name("ES256")
        return f"{signing}.{b64(method.sign(signing.encode(), self.key))}"

    def confused(self) -> str:
        """HS256, with our public key as the shared secret."""
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        signing = f"{part(self.header | {'alg': 'HS256'})}.{part(self.claims)}"
        method = jwt.get_algorithm_by_name("HS256")
        return f"{signing}.{b64(method.sign(signing.encode(), public))}"

    def foreign(self, **header: object) -> str:
        """The same claims, signed with a key of the forger's own that the header points to."""
        own = ec.generate_private_key(ec.SECP256R1())
        return jwt.encode(self.claims, own, "ES256", headers=self.header | header)

    def engines(self) -> str:
        """A token that the media engine takes."""
        name, secret = key_pair(self.data)
        said = {"iss": name, "sub": self.claims["skypeid"], "exp": self.now + 600, "video": {}}
        return jwt.encode(said, secret, "HS256")

    def changed(self, place: int) -> str:
        """The good token with one character changed: in the header, the payload or the signature."""
        parts = self.good.split(".")
        text = parts[place]
        at = len(text) // 2
        parts[place] = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        return ".".join(parts)


def open_mint(server: Server, good: str, elsewhere: str, *, tables: Tables | None = None) -> Mint:
    """The mint of a server; without `tables`, of one that keeps its data in a file."""
    [(sealed,)] = (tables or Tables(server.data, None)).tell(
        "SELECT private_key FROM signing_key WHERE id = ?", jwt.get_unverified_header(good)["kid"]
    )
    key = load_der_private_key(open_vault(server.data).decrypt(sealed), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Mint(good, key, server.data, elsewhere)


def part(value: object) -> str:
    return b64(json.dumps(value).encode())


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
