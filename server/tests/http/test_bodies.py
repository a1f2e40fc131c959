"""JSON is read strictly, in linear time, and nothing that is sent breaks the reader."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.bodies import DEEPEST, encode_json, parse_json, parse_media_type, read_usual
from openrooms.http.errors import MalformedBody
from openrooms.kernel.clock import monotonic

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('ab[{"\\'), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(DOCUMENTS)
def test_what_is_json_is_read(document: object) -> None:
    assert parse_json(json.dumps(document).encode()) == document
    assert parse_json(encode_json(document)) == document


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    with suppress(MalformedBody):
        parse_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b'{"validFrom": nul',
        b"[1,]",
        b"{}//",
        b"{'a': 1}",
        b"NaN",
        b"[Infinity]",
        b"1e999",
        b"[" * 10_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
        b'"\xc0\xaf"',
        b'"\xff"',
        b'{"\\ud800": 1}',
        '{"a": 1}'.encode("utf-16"),
        b"1" * 5_000,
        b'"\\u0000"',
        b'{"a": ["x", {"\\u0000": 1}]}',
        b'{"a": "x\\u0000y"}',
        b'{"a": 1} x',
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_strict_json_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse_json(body)


def test_brackets_in_strings_are_not_nesting() -> None:
    assert parse_json(encode_json(["[" * 100, '"[{' * 100])) == ["[" * 100, '"[{' * 100]


def test_many_brackets_side_by_side_are_not_nesting() -> None:
    assert parse_json(b"[" + b",".join([b"[]"] * 1_000) + b"]") == [[]] * 1_000


def test_the_deepest_document_is_read() -> None:
    body = b"[" * DEEPEST + b"]" * DEEPEST

    assert json.dumps(parse_json(body)).encode() == body


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert parse_json(b'"\\\\u0000"') == "\\u0000"


def test_the_last_of_two_equal_keys_counts() -> None:
    assert parse_json(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("hostile", [b'"' + b'\\"' * 500_000, b'"\\' * 500_000, b"[" * 1_000_000])
def test_a_hostile_megabyte_is_refused_at_once(hostile: bytes) -> None:
    begun = monotonic()

    with pytest.raises(MalformedBody):
        parse_json(b"{}," * 65 + hostile)
    assert monotonic() - begun < 1


class Named(msgspec.Struct, forbid_unknown_fields=True):
    """A body with one field."""

    name: str


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"name": "x"}', "x"),
        (b'{"name": 1}', None),
        (b'{"name": "x", "more": 1}', None),
        (b'{"name": "\\u0000"}', None),
        (b'{"name": "\xff"}', None),
        (b'{"name": "x"', None),
        (b"", None),
    ],
)
def test_a_usual_body_is_read_at_one_go_and_any_other_left(body: bytes, name: str | None) -> None:
    read = read_usual(msgspec.json.Decoder(Named), body)

    assert read == (None if name is None else Named(name))


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        (None, None),
        ("application/json", "application/json"),
        ("Application/JSON; charset=UTF-8", "application/json"),
        ('application/json; charset="utf-8"; x=y', "application/json"),
        ("application/json; charset=utf-16", None),
        ("text/plain", "text/plain"),
        ("", ""),
        (";;;", ""),
    ],
)
def test_a_media_type_is_read(header: str | None, media_type: str | None) -> None:
    assert parse_media_type(header) == media_type
