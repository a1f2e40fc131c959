"""A customer's server that takes events, over real HTTP; it can fail, hang, and lie as it is told."""

import base64
import hmac
import json
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.server import Server, openrooms

PATIENCE = 20.0
VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"


@dataclass(frozen=True, slots=True)
class Got:
    """A request as it came, and the status that answered it. Names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int = 0

    # Any: JSON, looked into where it is known what must be there.
    @property
    def event(self) -> Any:  # noqa: ANN401 - as above
        """The one event that was sent, in whichever form."""
        read = json.loads(self.body)
        if isinstance(read, list):
            assert len(read) == 1
            return read[0]
        return read

    @property
    def kind(self) -> str:
        """Its type, without what stands before the name."""
        event = self.event
        return str(event.get("eventType") or event["type"]).rpartition(".")[2]

    def is_signed(self, secret: str) -> bool:
        """Whether one of the signatures is good, as Standard Webhooks 1.0 says."""
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        said = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode()
        wanted = base64.b64encode(hmac.digest(key, said + self.body, "sha256")).decode()
        return f"v1,{wanted}" in self.headers["webhook-signature"].split(" ")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `drips`: the body comes byte by byte, and never ends."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    drips: bool = False


def confirm(got: Got) -> Reply:
    """Both handshakes, as they should be; anything else is taken."""
    if got.method == "OPTIONS":
        origin = got.headers["webhook-request-origin"]
        return Reply(headers=(("WebHook-Allowed-Origin", origin),))
    event = got.event
    if event.get("eventType") == VALIDATION:
        code = event["data"]["validationCode"]
        return Reply(body=json.dumps({"validationResponse": code}).encode())
    return Reply()


@dataclass
class Receiver:
    """What has come, and what is answered to it."""

    url: str = ""
    answer: Callable[[Got], Reply] = confirm
    got: list[Got] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def events(self) -> list[Got]:
        """What has come but handshakes."""
        kept = [one for one in self.got if one.method == "POST"]
        return [one for one in kept if one.event.get("eventType") != VALIDATION]

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.events]

    @property
    def taken(self) -> list[Got]:
        """The events that were answered with success."""
        return [one for one in self.events if one.status == 200]

    def wait(self, until: Callable[["Receiver"], bool], *, within: float = PATIENCE) -> None:
        """Return once it is so."""
        with self.changed:
            so = self.changed.wait_for(lambda: until(self), within)
        assert so, f"{len(self.got)} requests, the last of them: {self.kinds[-20:]}"

    def take(self, got: Got) -> Reply:
        """Note a request; its answer."""
        reply = self.answer(got)
        with self.changed:
            self.got.append(replace(got, status=reply.status))
            self.changed.notify_all()
        return reply


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.take(Got(self.command, self.path, headers, body))
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.drips:
                self.end_headers()
                self._drip()
                return
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def _drip(self) -> None:
            self.close_connection = True
            while not receiver.over.wait(0.05):
                self.wfile.write(b" ")
                self.wfile.flush()

        do_POST = do_OPTIONS = do_GET = _serve  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            """Say nothing."""

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    # Any: the library's.
    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """A sender that hangs up is no news."""


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a port of this machine, for as long as the context is open."""
    receiver = Receiver()
    server = _Quiet(("127.0.0.1", 0), _handler(receiver))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    receiver.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/hook?code=s3cret"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def add_webhook(server: Server, receiver: Receiver) -> None:
    """Have events sent there: by the command, on the running server."""
    words = ("webhook", "add", receiver.url, "--data", str(server.data), "--json")
    said = subprocess.run(openrooms(*words), capture_output=True, check=True, env=os.environ)
    server.secrets.add("webhook secret", json.loads(said.stdout)["secret"])


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
