"""E: the syntax of bodies."""

from collections.abc import Iterator

from support.inputs.rows import Body, Request, Row, accepted, create, patch, post, refused, roster

MALFORMED = "The request could not be understood by the server due to malformed syntax."
BAD = refused(400, "BadRequest", MALFORMED)
BAD_IDENTITY = refused(400, "ValidationError")
NESTED = 10_000


def member(value: str) -> str:
    """A body whose one member no operation knows: the reader alone can refuse it."""
    return f'{{"unknown": {value}}}'


def everywhere(line: str, what: str, body: Body) -> Iterator[Row]:
    """The same body for every operation that reads one."""
    requests: tuple[tuple[str, Request], ...] = (
        ("POST /rooms", create(body)),
        ("PATCH room", patch("/rooms/<room>", body)),
        ("PATCH roster", roster(body)),
    )
    for name, request in requests:
        yield Row(line, f"{what}, {name}", request, BAD)
    yield Row(
        line,
        f"{what}, token",
        post("/identities/<user_path>/:issueAccessToken", body),
        BAD_IDENTITY,
    )
    if body:
        yield Row(line, f"{what}, identity", post("/identities", body), BAD_IDENTITY)


ROWS = [
    *everywhere("E01", "an empty body", b""),
    *everywhere("E01", "white space", b" \n\t "),
    *[row for body in ("null", "[]", '"x"', "1", "true") for row in everywhere("E02", body, body)],
    *[
        row
        for body in ('{"validUntil": "20', "{", '{"a"', '{"a":', "[1,")
        for row in everywhere("E03", f"cut off: {body}", body)
    ],
    *[
        Row("E04", body, create(body), BAD)
        for body in (
            *(
                '{"a": 1,}',
                "[1,]",
                '{"a": 1 // no\n}',
                "{/* no */}",
                "{'a': 1}",
                "{a: 1}",
                '{"a": 01}',
                '{"a": +1}',
                '{"a": .5}',
            ),
            *(
                '{"a": 1} {}',
                '{"a": 1}x',
                '{"a" 1}',
                '{"a": tru}',
                '{"a": True}',
                '{"a": "\t"}',
                '{"a": "\\x"}',
                '{"a": undefined}',
            ),
        )
    ],
    *[
        Row("E05", value, create(member(value)), BAD)
        for value in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999")
    ],
    *everywhere("E06", "10,000 nested [", "[" * NESTED),
    *everywhere("E06", "10,000 nested {", '{"a":' * NESTED),
    Row(
        "E06",
        "10,000 nested in a known member",
        create('{"participants":' + "[" * NESTED + "]" * NESTED + "}"),
        BAD,
    ),
    *[
        Row("E07", what, create(b'{"unknown": "' + octets + b'"}'), BAD)
        for what, octets in (
            ("a lone continuation byte", b"\x80"),
            ("a byte that UTF-8 never has", b"\xff"),
            ("an overlong slash", b"\xc0\xaf"),
            ("an overlong NUL", b"\xc0\x80"),
            ("a surrogate as UTF-8", b"\xed\xa0\x80"),
            ("a character cut off", b"\xe2\x82"),
            ("beyond Unicode", b"\xf5\x80\x80\x80"),
        )
    ],
    Row("E07", "a broken key", create(b'{"\xff": 1}'), BAD),
    Row(
        "E08", "a lone surrogate as a participant", create('{"participants": {"\\ud800": {}}}'), BAD
    ),
    Row("E08", "a lone surrogate as a value", create(member('"\\udc00"')), BAD),
    Row("E08", "two surrogates in the wrong order", create(member('"\\udc00\\ud800"')), BAD),
    Row("E09", "UTF-16 with a mark", create('{"a": 1}'.encode("utf-16")), BAD),
    Row("E09", "UTF-16 without a mark", create('{"a": 1}'.encode("utf-16-le")), BAD),
    Row("E09", "UTF-32", create("{}".encode("utf-32")), BAD),
    Row("E09", "UTF-8 with a mark", create(b"\xef\xbb\xbf{}"), BAD),
    Row("E10", "an integer of 5,000 digits", create(member("9" * 5000)), BAD),
    Row(
        "E10",
        "a fraction of 5,000 digits in a known member",
        create('{"pstnDialOutEnabled": 0.' + "9" * 5000 + "}"),
        BAD,
    ),
    Row("E11", "NUL in a string", create(member('"a\\u0000b"')), BAD),
    Row("E11", "NUL in a key", create('{"a\\u0000": 1}'), BAD),
    Row("E11", "NUL in a participant", create('{"participants": {"<user>\\u0000": {}}}'), BAD),
    Row("E11", "a bare NUL byte", create(b'{"a": "\0"}'), BAD),
    Row(
        "E12",
        "1 MiB and a byte",
        create(b"{" + b" " * (2**20 - 1) + b"}"),
        refused(413),
        before_authentication=True,
    ),
    Row("E12", "exactly 1 MiB", create(b"{" + b" " * (2**20 - 2) + b"}"), accepted(201)),
    Row("E13", "an unknown property", create(member('{"deep": [1, 2.5, null]}')), accepted(201)),
    Row(
        "E14",
        "the same key twice: the last counts",
        create('{"pstnDialOutEnabled": true, "pstnDialOutEnabled": false}'),
        accepted(201),
        came_to=lambda _, made: _is(made["pstnDialOutEnabled"], wanted=False),
    ),
    *[
        Row(
            "E15",
            f"pstnDialOutEnabled {value}",
            create(f'{{"pstnDialOutEnabled": {value}}}'),
            refused(400, "BadRequest", target=r"\$\.pstnDialOutEnabled"),
        )
        for value in ('"true"', "1", "0", "[]", "{}", '""')
    ],
    Row(
        "E15",
        "pstnDialOutEnabled null",
        create('{"pstnDialOutEnabled": null}'),
        accepted(201),
        came_to=lambda _, made: _is(made["pstnDialOutEnabled"], wanted=False),
    ),
    Row("E16", "64 levels", create(member("[" * 63 + "]" * 63)), accepted(201)),
    Row("E16", "65 levels", create(member("[" * 64 + "]" * 64)), BAD),
    Row("E16", "1,000 levels", create(member("[" * 999 + "]" * 999)), BAD),
    Row(
        "E16",
        "brackets in strings are no levels",
        create(member('"' + "[" * 5000 + '"')),
        accepted(201),
    ),
    Row("E16", "an escaped quote hides no level", create(member('["\\\\", ' + "[" * 5000)), BAD),
]


def _is(value: object, *, wanted: object) -> None:
    assert value == wanted
