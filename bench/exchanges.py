"""The requests that are measured, as a customer's server would send them, ready-made and signed.

A signature covers the method, the target, the moment and the body, so one serves many requests
that differ in their request id alone.
"""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count, cycle

from bench.load import Exchange
from bench.programs import Program

ROOMS = "api-version=2025-03-13"
IDENTITY = "api-version=2023-10-01"
AGENT = "azsdk-python-communication-rooms/1.2.0 Python/3.11.7 (Linux-6.18-x86_64-with-glibc2.36)"
FEW, MANY = 2, 350
JSON = "application/json"
# Where a request gets an id of its own.
MARK = "{id}"


def creates(program: Program, invitations: int = FEW) -> Exchange:
    """New rooms with a window and a roster, each a repeatable request of its own."""
    now = datetime.now(UTC)
    body = {
        "validFrom": now.isoformat(),
        "validUntil": (now + timedelta(days=7)).isoformat(),
        "pstnDialOutEnabled": False,
        "participants": {_user(): {"role": "Presenter"} for _ in range(invitations)},
    }
    repeatable = [
        ("Repeatability-Request-ID", MARK),
        ("Repeatability-First-Sent", format_datetime(now, usegmt=True)),
    ]
    request = _signed(
        program, "POST", f"/rooms?{ROOMS}", body=json.dumps(body).encode(), headers=repeatable
    )
    return Exchange(_numbered(request), 201)


def gets(program: Program, room_ids: Sequence[str]) -> Exchange:
    """These rooms, one after the other, over and over."""
    requests = [_signed(program, "GET", f"/rooms/{one}?{ROOMS}") for one in room_ids]
    return Exchange(cycle(requests), 200)


def lists(program: Program) -> Exchange:
    """The first page of the rooms."""
    return Exchange(cycle([_signed(program, "GET", f"/rooms?{ROOMS}")]), 200)


def identities(program: Program) -> Exchange:
    """New identities, without a token."""
    request = _signed(program, "POST", f"/identities?{IDENTITY}", body=b"{}")
    return Exchange(cycle([request]), 201)


def tokens(program: Program, user: str) -> Exchange:
    """Access tokens for one user."""
    target = f"/identities/{user}/:issueAccessToken?{IDENTITY}"
    request = _signed(program, "POST", target, body=b'{"scopes": ["voip"]}')
    return Exchange(cycle([request]), 200)


def inserts(program: Program, account: str, table: str) -> Exchange:
    """Rows of an Azure table, with as much in each as a new room has."""
    now = datetime.now(UTC)
    row = {
        "PartitionKey": "rooms",
        "RowKey": MARK,
        "validFrom": now.isoformat(),
        "validUntil": (now + timedelta(days=7)).isoformat(),
        "participants": json.dumps([[_user(), "Presenter"] for _ in range(FEW)]),
    }
    return Exchange(_numbered(_signed_for_tables(program, account, table, body=row)), 204)


def make_table(program: Program, account: str, table: str) -> bytes:
    """The request that makes an Azure table."""
    return _signed_for_tables(program, account, "Tables", body={"TableName": table})


def _signed_for_tables(
    program: Program, account: str, where: str, *, body: Mapping[str, str]
) -> bytes:
    """A request as the table service wants it: what is signed leaves out the body."""
    date, target = format_datetime(datetime.now(UTC), usegmt=True), f"/{account}/{where}"
    text = f"POST\n\n{JSON}\n{date}\n/{account}{target}"
    digest = base64.b64encode(hmac.digest(program.key, text.encode(), "sha256")).decode()
    content = json.dumps(body).encode()
    # The id is longer than the mark in whose place it comes.
    length = len(content) + content.count(MARK.encode()) * (len(_guid()) - len(MARK))
    headers = [
        ("Accept", "application/json;odata=nometadata"),
        ("Prefer", "return-no-content"),
        ("x-ms-date", date),
        ("x-ms-version", "2019-02-02"),
        ("Authorization", f"SharedKey {account}:{digest}"),
        ("Content-Type", JSON),
        ("Content-Length", str(length)),
    ]
    return _written(program, "POST", target, headers=headers) + content


def _signed(
    program: Program,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    date = format_datetime(datetime.now(UTC), usegmt=True)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    text = f"{method}\n{target}\n{date};{program.host};{digest}"
    signature = base64.b64encode(hmac.digest(program.key, text.encode(), "sha256")).decode()
    proof = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" + signature
    sent = [
        ("Accept", JSON),
        *headers,
        *([("Content-Type", JSON)] if body else []),
        *([("Content-Length", str(len(body)))] if body or method == "POST" else []),
        ("x-ms-client-request-id", _guid()),
        ("x-ms-date", date),
        ("x-ms-content-sha256", digest),
        ("Authorization", proof),
    ]
    return _written(program, method, target, headers=sent) + body


def _written(
    program: Program, method: str, target: str, *, headers: Sequence[tuple[str, str]]
) -> bytes:
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {program.host}",
        f"User-Agent: {AGENT}",
        "Accept-Encoding: gzip, deflate",
        "Connection: keep-alive",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _numbered(request: bytes) -> Iterator[bytes]:
    """The request with an id of its own in the place of the mark, over and over."""
    before, _, after = request.partition(MARK.encode())
    first = uuid.uuid4().hex
    start = f"{first[:8]}-{first[8:12]}-4{first[12:15]}-8{first[15:18]}-".encode()
    return (b"%s%s%012x%s" % (before, start, number, after) for number in count())


def _user() -> str:
    return f"8:acs:{_guid()}_{_guid()}"


def _guid() -> str:
    return str(uuid.uuid4())
