"""B: access keys and signatures; and, from B30 on, what must be let in."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace

from support.inputs.rows import (
    Request,
    Row,
    Wanted,
    accepted,
    delete,
    denied,
    get,
    post,
    proved,
    refused,
    unproved,
    without,
)

ROOM = get("/rooms/<room>")
NEW = post("/rooms", "{}")
STRANGERS_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
HASH = "x-ms-content-sha256"
WRONG_HASH = denied("Request 'x-ms-content-sha256' differs from generated content hash.")
DENIED = denied()

Headers = Mapping[str, str]


def authorized(change: Callable[[str], str]) -> Callable[[Headers], Headers]:
    """The same proof with another text in `Authorization`."""
    return lambda sent: {**sent, "Authorization": change(sent["Authorization"])}


def signature(change: Callable[[bytes], str]) -> Callable[[Headers], Headers]:
    """The same proof with another signature."""

    def edit(text: str) -> str:
        head, _, tail = text.partition("&Signature=")
        return f"{head}&Signature={change(base64.b64decode(tail))}"

    return authorized(edit)


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def header(name: str, value: str | None) -> Callable[[Headers], Headers]:
    """The same proof with another value sent for one of its headers."""

    def edit(sent: Headers) -> Headers:
        rest = {key: old for key, old in sent.items() if key != name}
        return rest if value is None else {**rest, name: value}

    return edit


def bare(text: str) -> Request:
    """No proof but this `Authorization`."""
    return replace(unproved(ROOM), headers=(("Authorization", text),))


def dated(date: str) -> Request:
    return proved(ROOM, date=date)


ROWS = [
    Row("B01", "no Authorization", unproved(ROOM), DENIED),
    *[
        Row("B02", f"Authorization {text!r}", bare(text), DENIED)
        for text in (
            *(
                "Basic dTpw",
                "Bearer garbage",
                "",
                "HMAC-SHA256",
                "HMAC-SHA256 ",
                "Bearer",
                "Bearer ",
            ),
            *("HMAC-SHA256 SignedHeaders=&Signature=", "Bearer a.b.c", "HMAC-SHA512 x", "x" * 4000),
        )
    ],
    Row("B03", "another key", proved(ROOM, key=STRANGERS_KEY), DENIED),
    Row("B04", "one byte short", proved(ROOM, edit=signature(lambda s: b64(s[:-1]))), DENIED),
    Row("B04", "one byte long", proved(ROOM, edit=signature(lambda s: b64(s + b"\0"))), DENIED),
    Row(
        "B04",
        "url-safe base64",
        # With every byte 0xff there is a difference between the two alphabets.
        proved(ROOM, edit=signature(lambda s: base64.urlsafe_b64encode(b"\xff" + s[1:]).decode())),
        DENIED,
    ),
    Row("B04", "no padding", proved(ROOM, edit=signature(lambda s: b64(s).rstrip("="))), DENIED),
    Row(
        "B04",
        "a space in it",
        proved(ROOM, edit=signature(lambda s: b64(s)[:9] + " " + b64(s)[9:])),
        DENIED,
    ),
    Row("B04", "a tail after it", proved(ROOM, edit=signature(lambda s: b64(s) + "&a=b")), DENIED),
    Row(
        "B05",
        "a GET's signature sent with DELETE",
        proved(delete("/rooms/<room>"), method="GET"),
        DENIED,
    ),
    Row(
        "B06",
        "another room's signature",
        proved(ROOM, target="/rooms/<gone_room>?api-version=2025-03-13"),
        DENIED,
    ),
    Row(
        "B07",
        "a parameter added after signing",
        proved(
            get("/rooms/<room>?api-version=2025-03-13&a=b"),
            target="/rooms/<room>?api-version=2025-03-13",
        ),
        DENIED,
    ),
    Row(
        "B08",
        "another body, the hash as it was",
        proved(NEW, body=b'{"a":1}'),
        WRONG_HASH,
        before_authentication=True,
    ),
    Row(
        "B09",
        "body and hash changed together",
        proved(NEW, edit=authorized(lambda text: text[:-8] + "AAAAAAA=")),
        DENIED,
    ),
    Row(
        "B10",
        "no content hash",
        proved(NEW, edit=header(HASH, None)),
        DENIED,
        before_authentication=True,
    ),
    Row(
        "B10",
        "the hash in hex",
        proved(
            NEW,
            edit=header(HASH, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
        ),
        WRONG_HASH,
        before_authentication=True,
    ),
    Row(
        "B10",
        "an empty hash",
        proved(NEW, edit=header(HASH, "")),
        WRONG_HASH,
        before_authentication=True,
    ),
    Row(
        "B11",
        "16 minutes old",
        dated("<date-16>"),
        Wanted((401,), "Denied", "Denied by the resource provider.", headers={"date": ".+ GMT"}),
    ),
    Row(
        "B11",
        "16 minutes ahead",
        dated("<date+16>"),
        Wanted((401,), "Denied", "Denied by the resource provider.", headers={"date": ".+ GMT"}),
    ),
    *[
        Row("B12", f"date {date!r}", dated(date), DENIED)
        for date in (
            *("yesterday", "2026-01-01T00:00:00Z", "", "0", "Mon, 99 Jan 2026 10:00:00 GMT"),
            *("Mon, 01 Jan 0000 10:00:00 GMT", "Mon, 01 Jan 2026 24:00:00 GMT", "9" * 5000),
        )
    ],
    Row("B13", "host not signed", proved(ROOM, names=("x-ms-date", HASH)), DENIED),
    Row("B13", "hash not signed", proved(ROOM, names=("x-ms-date", "host")), DENIED),
    Row("B13", "no date signed", proved(ROOM, names=("host", HASH)), DENIED),
    Row(
        "B13",
        "a name signed twice",
        proved(ROOM, names=("x-ms-date", "host", "host", HASH)),
        DENIED,
    ),
    Row(
        "B13",
        "a header signed that is not sent",
        proved(ROOM, names=("x-ms-date", "host", HASH, "x-none")),
        DENIED,
    ),
    Row("B13", "fifty names", proved(ROOM, names=("x-ms-date", "host", HASH, *["a"] * 50)), DENIED),
    Row(
        "B13",
        "`date` in place of x-ms-date",
        proved(ROOM, names=("date", "host", HASH)),
        accepted(200),
    ),
    Row("B16", "the same request twice is two requests", ROOM, accepted(200)),
    Row(
        "B18",
        "Host with a dot at its end",
        replace(proved(ROOM, host="localhost"), host="localhost."),
        DENIED,
    ),
    Row(
        "B18",
        "Host with another port than signed",
        replace(proved(ROOM, host="localhost:1"), host="localhost:2"),
        DENIED,
    ),
    Row(
        "B18",
        "Host with a port that is none",
        replace(proved(ROOM, host="localhost"), host="localhost:port"),
        DENIED,
    ),
    Row(
        "B18",
        "the default port signed and not sent",
        replace(proved(ROOM, host="localhost:443"), host="localhost"),
        accepted(200),
    ),
    Row(
        "B20",
        "signed as one segment, sent as two",
        proved(
            get("/rooms/<room>/participants"),
            target="/rooms/<room>%2Fparticipants?api-version=2025-03-13",
        ),
        Wanted((400, 401, 404)),
    ),
    Row(
        "B20",
        "signed as two segments, sent as one",
        proved(
            get("/rooms/<room>%2Fparticipants"),
            target="/rooms/<room>/participants?api-version=2025-03-13",
        ),
        Wanted((400, 401, 404)),
    ),
    Row("B21", "the key in the query", unproved(get("/rooms?accesskey=<key>")), DENIED),
    Row("B21", "the key as a password", bare("Basic <key>"), DENIED),
    Row("B21", "the key as a bearer", bare("Bearer <key>"), DENIED),
    # What the published clients do, and a strict reader of bytes would refuse.
    Row(
        "B30",
        "the target signed percent-decoded",
        proved(
            get("/rooms/<room>?nextLink=a%20b%2Fc"),
            target="/rooms/<room>?nextLink=a b/c&api-version=2025-03-13",
        ),
        accepted(200),
    ),
    Row(
        "B31",
        "the query signed as a form",
        proved(
            get("/rooms/<room>?when=a:b%20c"),
            target="/rooms/<room>?when=a%3Ab+c&api-version=2025-03-13",
        ),
        accepted(200),
    ),
    Row(
        "B32",
        "an identity's path as sent, encoded",
        post("/identities/<user_path>/:issueAccessToken", {"scopes": ["voip"]}),
        accepted(200),
    ),
    Row(
        "B32",
        "an identity's path as sent, bare",
        post("/identities/<user>/:issueAccessToken", {"scopes": ["voip"]}),
        accepted(200),
    ),
    Row(
        "B33",
        "the next page by the name of an enum member",
        get("/rooms?nextLink=<page>&api-version=ApiVersion.V2025_03_13"),
        accepted(200),
    ),
    Row(
        "B34",
        "an empty body, its length said",
        replace(delete("/rooms/<gone_room>"), headers=(("Content-Length", "0"),)),
        accepted(204),
    ),
    Row("B34", "no body and no type", without(post("/identities"), "content-type"), accepted(201)),
    # Headers that prove, sent twice.
    Row(
        "B13",
        "two Authorization headers",
        replace(ROOM, headers=(("Authorization", "HMAC-SHA256 x"),)),
        DENIED,
    ),
    Row(
        "B12",
        "two dates",
        replace(ROOM, headers=(("x-ms-date", "Mon, 01 Jan 2024 10:00:00 GMT"),)),
        DENIED,
    ),
]
# Used by other sections' tables: what a caller without a key gets.
UNKNOWN_CALLER = refused(401, "Denied")
