"""A: HTTP framing, byte by byte, on both listeners."""

from support.inputs.rows import CLOSED, SLOW, Row, Wanted, post, raw, refused

GET = b"GET /rooms?api-version=2025-03-13 HTTP/1.1\r\n"
POST = b"POST /rooms?api-version=2025-03-13 HTTP/1.1\r\n"
NEW_USER = b"POST /identities?api-version=2023-10-01 HTTP/1.1\r\n"
HOST = b"Host: <host>\r\n"
END = b"\r\n"
NEW_ROOM = post("/rooms", "{}")

BAD = refused(400)
# What cannot be told where one request ends may also be answered by closing.
BAD_OR_CLOSED = Wanted((400, CLOSED))
TOO_LARGE_HEADERS = refused(431)
LATE = Wanted((408, CLOSED), within=SLOW)

ROWS = [
    Row("A01", "HTTP/1.1 without Host", raw(GET + END), BAD),
    Row("A02", "two Host headers", raw(GET + HOST + b"Host: evil.example\r\n" + END), BAD),
    Row("A02", "the same Host twice", raw(GET + HOST + HOST + END), BAD),
    Row(
        "A03",
        "Content-Length and chunked together",
        raw(POST + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BAD,
    ),
    Row(
        "A03",
        "chunked and Content-Length together",
        raw(POST + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        BAD,
    ),
    Row(
        "A04",
        "two different Content-Length",
        raw(POST + HOST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
        BAD,
    ),
    Row(
        "A04",
        "a list of Content-Length",
        raw(POST + HOST + b"Content-Length: 2, 3\r\n\r\n{} "),
        BAD,
    ),
    *[
        Row(
            "A05",
            f"Content-Length {length.decode()!r}",
            raw(POST + HOST + b"Content-Length: " + length + b"\r\n\r\n{}  "),
            BAD,
        )
        for length in (b"-1", b"+4", b"1e3", b"0x10", b"4 4", b"", b"4_0", b"\xc2\xb2", b"9" * 40)
    ],
    *[
        Row(
            "A06",
            f"Transfer-Encoding {coding.decode()!r}",
            raw(POST + HOST + b"Transfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n"),
            Wanted((400, 501, CLOSED)),
        )
        for coding in (
            b"xchunked",
            b"gzip, chunked",
            b"chunked, chunked",
            b"identity",
            b"\x0bchunked",
        )
    ],
    Row("A07", "lines ended by bare LF", raw(GET.replace(b"\r", b"") + b"Host: <host>\n\n"), BAD),
    Row("A07", "one header ended by bare LF", raw(GET + HOST + b"X-A: b\n" + END), BAD),
    Row("A07", "a request line ended by bare CR", raw(GET.replace(b"\n", b"") + HOST + END), BAD),
    Row("A08", "a space before the colon", raw(GET + b"Host : <host>\r\n" + END), BAD),
    Row("A08", "a folded header", raw(GET + HOST + b"X-A: b\r\n c\r\n" + END), BAD),
    Row("A08", "a header without a name", raw(GET + HOST + b": b\r\n" + END), BAD),
    Row("A08", "a header without a colon", raw(GET + HOST + b"nothing\r\n" + END), BAD),
    Row("A09", "NUL in a header value", raw(GET + HOST + b"X-A: a\0b\r\n" + END), BAD),
    Row("A09", "NUL in a header name", raw(GET + HOST + b"X\0A: b\r\n" + END), BAD),
    Row("A09", "a bare CR in a header value", raw(GET + HOST + b"X-A: a\rb\r\n" + END), BAD),
    Row(
        "A10",
        "one header of 64 KiB",
        raw(GET + HOST + b"X-A: " + b"a" * 65536 + b"\r\n" + END),
        TOO_LARGE_HEADERS,
    ),
    Row(
        "A10",
        "a header's name of 64 KiB",
        raw(GET + HOST + b"a" * 65536 + b": b\r\n" + END),
        TOO_LARGE_HEADERS,
    ),
    Row(
        "A11",
        "2,000 headers",
        raw(GET + HOST + b"".join(b"X-%d: a\r\n" % number for number in range(2000)) + END),
        TOO_LARGE_HEADERS,
    ),
    Row(
        "A12",
        "a target of 64 KiB",
        raw(GET.replace(b"?", b"/" + b"9" * 65536 + b"?") + HOST + END),
        refused(414),
    ),
    Row(
        "A12",
        "a query of 64 KiB",
        raw(GET.replace(b" HTTP", b"&a=" + b"9" * 65536 + b" HTTP") + HOST + END),
        refused(414),
    ),
    *[
        Row(
            "A13",
            f"chunk size {size.decode()!r}",
            raw(
                POST
                + HOST
                + b"Content-Type: application/json\r\n<proof>Transfer-Encoding: chunked\r\n\r\n",
                size + b"\r\n{}\r\n0\r\n\r\n",
                signs=NEW_ROOM,
            ),
            BAD_OR_CLOSED,
        )
        for size in (b"fffffffffffffffff", b"-2", b"0x2", b"2_", b" 2", b"", b"+2")
    ],
    Row(
        "A14",
        "Content-Length 300000000",
        raw(POST + HOST + b"<proof>Content-Length: 300000000\r\n\r\n", signs=NEW_ROOM),
        refused(413),
    ),
    Row(
        "A14",
        "2 MiB in chunks",
        raw(
            POST + HOST + b"<proof>Transfer-Encoding: chunked\r\n\r\n",
            *[b"10000\r\n" + b" " * 65536 + b"\r\n"] * 32,
            signs=NEW_ROOM,
        ),
        refused(413),
    ),
    Row(
        "A18",
        "an absolute target of another host",
        raw(GET.replace(b"/rooms", b"http://evil.example/rooms") + HOST + END),
        BAD,
    ),
    Row(
        "A18",
        "a target that is an authority",
        raw(b"GET localhost:1 HTTP/1.1\r\n" + HOST + END),
        BAD,
    ),
    Row("A18", "a target that is a star", raw(b"OPTIONS * HTTP/1.1\r\n" + HOST + END), BAD),
    Row("A18", "CONNECT", raw(b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + HOST + END), BAD),
    Row(
        "A19",
        "raw UTF-8 in the path",
        raw(GET.replace(b"rooms", "röoms".encode()) + HOST + END),
        BAD,
    ),
    Row(
        "A19", "raw Latin-1 in the path", raw(GET.replace(b"rooms", b"r\xf6oms") + HOST + END), BAD
    ),
    Row(
        "A19",
        "a control character in the path",
        raw(GET.replace(b"rooms", b"ro\x7foms") + HOST + END),
        BAD,
    ),
    Row("A19", "a space in the path", raw(GET.replace(b"rooms", b"ro oms") + HOST + END), BAD),
    *[
        Row(line, f"{what}, at an identity", raw(octets, api="identities"), refused(status))
        for line, what, octets, status in (
            ("A01", "no Host", NEW_USER + END, 400),
            ("A05", "Content-Length -1", NEW_USER + HOST + b"Content-Length: -1\r\n" + END, 400),
            ("A10", "64 KiB", NEW_USER + HOST + b"X-A: " + b"a" * 65536 + b"\r\n" + END, 431),
            ("A12", "64 KiB", NEW_USER.replace(b"?", b"?" + b"a" * 65536) + HOST + END, 414),
            ("A14", "300 MB", NEW_USER + HOST + b"Content-Length: 300000000\r\n\r\n", 413),
        )
    ],
    Row("A19", "HTTP/3.7", raw(GET.replace(b"1.1", b"3.7") + HOST + END), BAD_OR_CLOSED),
    Row("A19", "no HTTP at all", raw(b"\x00\x01\x02\x03 garbage\r\n\r\n"), BAD_OR_CLOSED),
]

# These take their time, so they are sent all at once (`test_siege.py`).
SLOW_ROWS = [
    Row(
        "A15",
        "half a body, then silence",
        raw(POST + HOST + b"<proof>Content-Length: 100\r\n\r\n" + b" " * 50, signs=NEW_ROOM),
        LATE,
    ),
    Row(
        "A15",
        "half a chunk, then silence",
        raw(POST + HOST + b"<proof>Transfer-Encoding: chunked\r\n\r\n10\r\n{}", signs=NEW_ROOM),
        LATE,
    ),
    Row(
        "A15",
        "no body at all",
        raw(POST + HOST + b"<proof>Content-Length: 2\r\n\r\n", signs=NEW_ROOM),
        LATE,
    ),
    Row("A15", "half a header block, then silence", raw(GET + HOST + b"X-A: "), LATE),
    Row("A15", "not a byte", raw(b""), LATE),
]
