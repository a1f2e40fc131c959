"""A running server with something in it: what bad inputs are thrown at, and must leave as it is."""

import base64
import hashlib
import hmac
import http.client
import re
import shutil
import socket
import ssl
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from support.deadlines import wait_for
from support.exposition import samples
from support.inputs.hooks import ADDRESS, Hooks, open_hooks
from support.inputs.rows import Proof, Raw, Request, get, post
from support.inputs.tables import Tables
from support.inputs.wire import Doors, Heard, exchange
from support.receiver import Got
from support.server import API_ONLY, Server

PAGE = 30
WEBHOOK_SECONDS = 1
SETTINGS = {
    "OPENROOMS_SIGNATURE_WINDOW_MINUTES": "15",
    "OPENROOMS_WEBHOOK_NETWORKS": f"{ADDRESS}/32",
    "OPENROOMS_WEBHOOK_SECONDS": str(WEBHOOK_SECONDS),
}
KEY_FILE = "master.key"
WEBHOOKS = "/openrooms/v1/webhooks?"


class House:
    """A server of its own with a room, a roster, a deleted room, two users, and a next page.

    `names` is what stands for `<room>` and its kin in the rows.
    """

    def __init__(self, server: Server, hooks: Hooks, database: str | None = None) -> None:
        self.server = server
        self._hooks = hooks
        self.database = database
        self.tables = Tables(server.data, database)
        # Another process on the same database, where there is one.
        self.beside: Doors | None = None
        self._kept: socket.socket
        self.doors = _doors(server)
        key = server.ready.connection_string.partition("accesskey=")[2]
        self.names = {"key": key, "host": f"localhost:{server.ports.https}"}
        self.names |= {"receiver": hooks.authority, "receiver_port": str(hooks.port)}
        self.names["tls_receiver"] = f"{ADDRESS}:{hooks.tls_port}"
        self._open()
        self._furnish()

    @property
    def store(self) -> str:
        """What its database is called."""
        return "sqlite" if self.database is None else "postgresql"

    def close(self) -> None:
        self._kept.close()
        self.tables.close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stop the server for as long as the block lasts."""
        self._kept.close()
        self.server.stop()
        yield
        self.server.start()
        self._open()

    # -- asking -------------------------------------------------------------------------------

    def ask(self, request: Request, *, door: str = "tls") -> Heard:
        """Send a request on a connection of its own."""
        with self.doors.open(door) as channel:
            return exchange(channel, [self.bytes_of(request, door)], method=request.method)

    def ask_beside(self, request: Request) -> Heard:
        """The very same request, sent to the other process."""
        assert self.beside is not None, "there is none"
        with self.beside.open("tls") as channel:
            return exchange(channel, [self.bytes_of(request)], method=request.method)

    def well(self, request: Request) -> Heard:
        """A good request on the connection that a good client keeps."""
        heard = self._on_the_kept_one(request)
        # A connection that was closed for its idleness is no answer.
        return heard if heard.status else self._on_the_kept_one(request)

    def settle(self) -> None:
        """Wait until all that was asked for is done, whether anybody waited for the answer or not."""
        # What came before this came in before it.
        self.well(post("/identities"))
        wait_for("every request to be done", lambda: self._requests_running() == 0, within=30)

    def _requests_running(self) -> int:
        with closing(
            http.client.HTTPConnection("localhost", self.doors.plain, timeout=10)
        ) as asked:
            asked.request("GET", "/metrics")
            return int(samples(asked.getresponse().read())["openrooms_requests_running"])

    def throw(self, sent: Raw, door: str) -> Heard:
        """Send bytes as they are."""
        with self.doors.open(door) as channel:
            return exchange(channel, [self.fill(part, sent) for part in sent.parts])

    def fill(self, part: bytes, sent: Raw) -> bytes:
        """Bytes with the names replaced, and the proof put in where it is asked for."""
        if b"<proof>" in part and sent.signs is not None:
            headers = self.proof(self.filled(sent.signs), self.names["host"])
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            part = part.replace(b"<proof>", lines.encode())
        return part.replace(b"<host>", self.names["host"].encode())

    def bytes_of(self, request: Request, door: str = "tls") -> bytes:
        """A request as it goes on the wire."""
        request = self.filled(request)
        port = self.doors.tls if door == "tls" else self.doors.plain
        host = request.host or f"localhost:{port}"
        headers = list(self.proof(request, host).items()) + list(request.headers)
        if not any(name.lower() == "host" for name, _ in headers):
            headers.insert(0, ("Host", host))
        if request.body or request.method in {"POST", "PATCH", "PUT"}:
            headers.append(("Content-Length", str(len(request.body))))
        head = f"{request.method} {request.target} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers)
        return head.encode("utf-8", "surrogateescape") + b"\r\n" + request.body

    def proof(self, request: Request, host: str) -> Mapping[str, str]:
        """The headers by which a request is proved."""
        how = request.proof
        if how is None:
            return {}
        digest = hashlib.sha256(request.body if how.body is None else how.body).digest()
        date = self.text(how.date)
        values = {
            "x-ms-date": date,
            "date": date,
            "host": self.text(how.host or host),
            "x-ms-content-sha256": base64.b64encode(digest).decode(),
        }
        return how.edit(self._signed(request, how, values))

    def _signed(self, request: Request, how: Proof, values: dict[str, str]) -> Mapping[str, str]:
        target = request.target if how.target is None else self.text(how.target)
        named = ";".join(values.get(name, "") for name in how.names)
        text = f"{how.method or request.method}\n{target}\n{named}"
        key = base64.b64decode(self.text(how.key))
        made = hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256")
        proof = f"SignedHeaders={';'.join(how.names)}&Signature={base64.b64encode(made).decode()}"
        sent = {name: values[name] for name in how.names if name in values and name != "host"}
        sent["x-ms-content-sha256"] = values["x-ms-content-sha256"]
        return sent | {"Authorization": f"HMAC-SHA256 {proof}"}

    # -- names --------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """A text with the house's names filled in, and `<date+6>` as the date in six minutes."""
        return re.sub(r"<(?:date([+-][0-9]+)?|(\w+))>", self._named, text)

    def _named(self, one: re.Match[str]) -> str:
        if one[2] is not None:
            return self.names.get(one[2], one[0])
        # The moment at which it is sent, however long ago the rows were read.
        at = datetime.now(UTC) + timedelta(minutes=int(one[1] or 0))
        return format_datetime(at, usegmt=True)

    def filled(self, request: Request) -> Request:
        """A request with the house's names filled in."""
        headers = tuple((name, self.text(value)) for name, value in request.headers)
        body = request.body
        if b"<" in body:
            body = self.text(body.decode("utf-8", "surrogateescape")).encode(
                "utf-8", "surrogateescape"
            )
        return Request(
            method=request.method,
            target=self.text(request.target),
            body=body,
            headers=headers,
            host=None if request.host is None else self.text(request.host),
            proof=request.proof,
        )

    # -- looking ------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, bytes]:
        """All that a caller can see: no bad input may change a byte of it."""
        seen = {}
        target = "/rooms"
        for target in ("/rooms/<room>", "/rooms/<room>/participants", WEBHOOKS):
            seen[target] = self._good(get(target)).answer.body
        for number, page in enumerate(self.pages()):
            seen[f"page {number}"] = str(page).encode()
        return seen

    def pages(self) -> Iterator[list[Any]]:
        """Every page of the list of rooms."""
        target: str | None = "/rooms"
        while target is not None:
            said = self._good(get(target)).json
            yield said["value"]
            link = said.get("nextLink")
            target = None if link is None else "/rooms?" + link.partition("?")[2]

    def counts(self) -> dict[str, int]:
        """How many identities there are, and how much has been told of what happened."""
        [counted] = self.tables.tell(
            "SELECT (SELECT count(*) FROM identity), (SELECT count(*) FROM event)"
        )
        return dict(zip(("identity", "event"), counted, strict=True))

    def count(self, table: str) -> int:
        """How many rows a table has: what no caller can see."""
        return self.tables.number(f"SELECT count(*) FROM {table}")  # noqa: S608 (a test's own text)

    def came(self) -> list[Got]:
        """What the receiver of events was asked since this was called last."""
        return self._hooks.came()

    def memory(self) -> int:
        """Bytes of the server process alone."""
        return int(self._process.memory_info().rss)

    def log_size(self) -> int:
        return self._log.stat().st_size

    def log(self, since: int = 0) -> str:
        """What the server logged from that size of its log on."""
        with self._log.open("rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")

    def take_back(self, heard: Heard, request: Request) -> None:
        """Undo what an accepted input made, so that the house is as it was."""
        lists = {"rooms": "/rooms/{}", "openrooms": f"{WEBHOOKS[:-1]}/{{}}?"}
        if heard.status == 201 and request.api in lists:
            made = lists[request.api].format(heard.json["id"])
            assert self.well(Request("DELETE", get(made).target)).status == 204

    # -- inside -------------------------------------------------------------------------------

    def _on_the_kept_one(self, request: Request) -> Heard:
        heard = exchange(self._kept, [self.bytes_of(request)], method=request.method)
        if heard.closed:
            self._kept.close()
            self._kept = self.doors.open("tls")
        return heard

    def _open(self) -> None:
        self._kept = self.doors.open("tls")
        self._process = psutil.Process(self.server.pid)
        self._log = self.server.log_file("err")

    def _good(self, request: Request, status: int = 200) -> Heard:
        heard = self.well(request)
        assert heard.status == status, f"a good {request.method} got {heard}"
        return heard

    def _furnish(self) -> None:
        for name in ("user", "other", "gone_user"):
            made = self._good(post("/identities"), 201).json["identity"]["id"]
            self.names |= {name: made, f"{name}_path": quote(made, safe="")}
        self.names["resource"] = self.names["user"][6:42]
        self.names["stranger"] = f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"
        self.names["nobody"] = f"8:acs:{self.names['resource']}_{uuid.uuid4()}"
        for name in ("stranger", "nobody"):
            self.names[f"{name}_path"] = quote(self.names[name], safe="")
        self._good(Request("DELETE", get("/identities/<gone_user_path>").target), 204)
        roster = {"<user>": {"role": "Presenter"}, "<other>": {"role": "Attendee"}}
        for name in ("room", "gone_room"):
            self.names[name] = self._good(post("/rooms", {"participants": roster}), 201).json["id"]
        self._good(Request("DELETE", get("/rooms/<gone_room>").target), 204)
        for _ in range(PAGE):
            self._good(post("/rooms", {}), 201)
        link = self._good(get("/rooms")).json["nextLink"]
        self.names["page"] = re.search(r"nextLink=([\w-]+)", link)[1]  # type: ignore[index]
        page = self.names["page"]
        at = len(page) // 2
        other = "A" if page[at] != "A" else "B"
        self.names["page_changed"] = page[:at] + other + page[at + 1 :]
        self.names["page_cut"] = page[:-4]
        self.server.secrets.add("access key", self.names["key"])


@contextmanager
def process_beside(house: House, folder: Path, database: str) -> Iterator[None]:
    """A second process with the APIs alone, on the database and with the master key of a house."""
    server = Server(folder, "--database", database, API_ONLY, environment=SETTINGS)
    server.data.mkdir(mode=0o700)
    shutil.copy(house.server.data / KEY_FILE, server.data / KEY_FILE)
    with server.running():
        house.beside = _doors(server)
        yield


def _doors(server: Server) -> Doors:
    trust = ssl.create_default_context(cafile=str(server.ready.ca))
    return Doors(server.ports.http, server.ports.https, trust)


@contextmanager
def open_house(
    folder: Path,
    *options: str,
    database: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[House]:
    """A server that is started for it, and furnished."""
    stored = () if database is None else ("--database", database)
    server = Server(folder, *stored, *options, environment=SETTINGS | dict(environment or {}))
    server.start()
    try:
        with open_hooks() as hooks, closing(House(server, hooks, database)) as house:
            yield house
    finally:
        server.close()
