"""A real issuer of tokens on loopback: its documents over HTTP or TLS, its keys, its tokens."""

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AUDIENCE = "https://communication.azure.com/"
ROLE = "OpenRooms.Manage"

Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
# Made once: an RSA key takes a while.
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def jwk(key: Key, key_id: str, **members: object) -> dict[str, object]:
    """The public half of a key as issuers publish it."""
    public = key.public_key()
    told: dict[str, object] = (
        RSAAlgorithm.to_jwk(public, as_dict=True)
        if isinstance(public, rsa.RSAPublicKey)
        else ECAlgorithm.to_jwk(public, as_dict=True)
    )
    return told | {"kid": key_id, "use": "sig"} | members


@dataclass
class Issuing:
    """What the issuer answers, and how often it was asked for what."""

    name: str = ""
    keys: list[dict[str, object]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    # Answers that take the place of the usual ones, by path: status and body.
    instead: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    document: dict[str, object] = field(default_factory=dict)
    # What every answer says beside the usual.
    headers: dict[str, str] = field(default_factory=dict)
    answering: threading.Event = field(default_factory=threading.Event)
    # Who may ask for tokens, and what is different in those that they get.
    clients: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        self.answering.wait(30)
        if path in self.instead:
            return self.instead[path]
        if path == "/realm/.well-known/openid-configuration":
            usual = {"issuer": self.name, "jwks_uri": f"{self.name}/keys"}
            return 200, json.dumps(usual | self.document).encode()
        if path == "/realm/keys":
            return 200, json.dumps({"keys": self.keys}).encode()
        return 404, b""

    def grant(self, path: str, form: bytes) -> tuple[int, bytes]:
        """A token for a client that asks for all of a service (RFC 6749, 4.4), as `TokenCredential`s do."""
        asked = dict(parse_qsl(form.decode()))
        audience, _, whole = asked["scope"].rpartition("/")
        changed = self.clients.get(asked["client_id"])
        if path != "/realm/token" or whole != ".default" or changed is None:
            return 400, b'{"error": "invalid_request"}'
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + 3600}
        token = self.token(**{"aud": audience, **times, **changed})
        said = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        return 200, json.dumps(said).encode()

    def claims(self, **changed: object) -> dict[str, Any]:
        """Those of a token that is good now; None leaves a claim out."""
        now = int(NOW.timestamp())
        good = {
            "iss": self.name,
            "aud": AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "roles": [ROLE],
        }
        return {name: value for name, value in (good | changed).items() if value is not None}

    def token(self, **changed: object) -> str:
        """A token that is good now, but for what is changed."""
        return self.signed(RSA_KEY, "rsa", "RS256", claims=self.claims(**changed))

    def signed(
        self,
        key: Key,
        key_id: str,
        algorithm: str = "RS256",
        *,
        claims: dict[str, Any] | None = None,
    ) -> str:
        """A token signed with another key, or in another way."""
        said = json.dumps(self.claims() if claims is None else claims).encode()
        return jwt.api_jws.encode(said, key, algorithm, headers={"kid": key_id})


@contextmanager
def issuing(tls: ssl.SSLContext | None = None) -> Iterator[Issuing]:
    """Run an issuer for as long as the context is open."""
    made = Issuing(keys=[jwk(RSA_KEY, "rsa"), jwk(EC_KEY, "ec")])
    made.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*made.answer(self.path))

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(*made.grant(self.path, form))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/realm/keys")
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        made.name = f"{scheme}://localhost:{server.server_port}/realm"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield made
        finally:
            made.answering.set()
            server.shutdown()
            thread.join()
