"""What a signature is made of, against the worked examples and for any input."""

import base64
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.signing import (
    hash_content,
    hosts,
    is_signed,
    parse_authorization,
    parse_base64,
    sign,
    signed_text,
    targets,
)

KEY = base64.b64decode("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
DATE = "Fri, 24 Jan 2025 10:00:00 GMT"
HOST = "localhost:8443"
GOOD = base64.b64encode(bytes(32)).decode()
ISSUE = (
    "/identities/8%3Aacs%3A5fa0c7bb-1111-4444-8888-0123456789ab_"
    "00000013-22e9-78c5-88f7-084822008c5e/:issueAccessToken?api-version=2023-10-01"
)
EXAMPLES = [
    (
        "POST",
        "/rooms?api-version=2025-03-13",
        b'{"validFrom": null, "validUntil": null, "pstnDialOutEnabled": false}',
        "2xVVJJKx5brgL5bSWgeu9hhccJP/PkHHEzXUfUClsMI=",
        "tuArZtYzJeOkHa0KO2PPK2qPa6APoTAHRxbgAXhi2eM=",
    ),
    (
        "GET",
        "/rooms/99430570737419440?api-version=2025-03-13",
        b"",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "yHZcBvL/Ny/1eZ62GjUmeRoUtt6I1GtRid9jGJxkhVE=",
    ),
    (
        "POST",
        ISSUE,
        b'{"scopes": ["voip"]}',
        "yHqHFVCkCet5I2S8l4rMDTBcoITg2aoD3GUebAeAKDU=",
        "DGlB1lno5pFcKk+FthBQuJ9BqJWvDUzu0e28ktvm44c=",
    ),
]


@pytest.mark.parametrize(("method", "target", "body", "content_hash", "signature"), EXAMPLES)
def test_the_worked_examples_are_signed_to_the_letter(
    method: str, target: str, body: bytes, content_hash: str, signature: str
) -> None:
    assert hash_content(body) == content_hash
    signed = sign(signed_text(method, target, [DATE, HOST, content_hash]), KEY)
    assert base64.b64encode(signed).decode() == signature


def test_an_authorization_header_is_read() -> None:
    credential = parse_authorization(
        f"HMAC-SHA256 SignedHeaders=x-ms-date;Host;x-ms-content-sha256&Signature={GOOD}"
    )

    assert credential is not None
    assert credential.signed.names == ("x-ms-date", "host", "x-ms-content-sha256")
    assert credential.signature == bytes(32)
    assert credential.signed.date == "x-ms-date"
    assert credential.signed.bind_all


@pytest.mark.parametrize(
    ("names", "binds"),
    [
        ("x-ms-date;host;x-ms-content-sha256", True),
        ("date;host;x-ms-content-sha256", True),
        ("host;x-ms-content-sha256;x-ms-date;accept", True),
        ("host;x-ms-content-sha256", False),
        ("x-ms-date;x-ms-content-sha256", False),
        ("x-ms-date;host", False),
        ("x-ms-date;host;host;x-ms-content-sha256", False),
    ],
)
def test_a_signature_must_bind_host_body_and_moment(names: str, binds: bool) -> None:
    credential = parse_authorization(f"HMAC-SHA256 SignedHeaders={names}&Signature={GOOD}")

    assert credential is not None
    assert credential.signed.bind_all is binds


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic dXNlcjpwYXNz",
        "Bearer garbage",
        "HMAC-SHA256",
        f"HMAC-SHA512 SignedHeaders=host&Signature={GOOD}",
        f"HMAC-SHA256 SignedHeaders=&Signature={GOOD}",
        f"HMAC-SHA256 Signature={GOOD}&SignedHeaders=host",
        f"HMAC-SHA256 SignedHeaders=host&Signature={GOOD}&more=1",
        f"HMAC-SHA256 SignedHeaders=host&Signature={GOOD}\n",
        f"HMAC-SHA256 SignedHeaders=host&Signature={GOOD[:-4]}",
        f"HMAC-SHA256 SignedHeaders=host&Signature={GOOD}AAAA",
        f"HMAC-SHA256 SignedHeaders={';'.join('abcdefghijklmnopq')}&Signature={GOOD}",
        "HMAC-SHA256 SignedHeaders=host&Signature="
        + base64.urlsafe_b64encode(b"\xff" * 32).decode(),
    ],
)
def test_anything_else_is_no_credential(header: str) -> None:
    assert parse_authorization(header) is None


@given(st.text(max_size=200))
def test_no_header_breaks_the_reader(text: str) -> None:
    parse_authorization(text)
    parse_authorization(f"HMAC-SHA256 SignedHeaders=host&Signature={text}")


@given(st.binary(max_size=64))
def test_base64_is_read_in_its_one_form(content: bytes) -> None:
    assert parse_base64(base64.b64encode(content).decode()) == content


@pytest.mark.parametrize("text", ["AA==\n", " AA==", "AB==", "AA", "A-==", "é", "AA==AA=="])
def test_base64_in_another_form_is_refused(text: str) -> None:
    assert parse_base64(text) is None


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF, exclude_categories=["Cs"]), max_size=40))
def test_what_the_python_client_signs_is_a_candidate(value: str) -> None:
    target = f"/rooms?nextLink={quote(value, safe='')}&api-version=2025-03-13"

    assert unquote(target) in list(targets(target))


@pytest.mark.parametrize(
    ("sent", "signed"),
    [
        ("a%20b", "a+b"),
        ("a:b", "a%3Ab"),
        ("a~b", "a%7Eb"),
        ("a*b", "a*b"),
        ("a%2Fb", "a%2Fb"),
        ("a/b=", "a%2Fb%3D"),
    ],
)
def test_what_the_javascript_client_signs_is_a_candidate(sent: str, signed: str) -> None:
    assert f"/rooms?nextLink={signed}" in list(targets(f"/rooms?nextLink={sent}"))


@given(st.text(alphabet="abc%/?=&+0123456789ABCDEF", max_size=60))
def test_there_are_at_most_three_candidates_and_the_first_is_what_was_sent(rest: str) -> None:
    candidates = list(targets(f"/{rest}"))

    assert candidates[0] == f"/{rest}"
    assert 1 <= len(candidates) <= 3


def test_a_target_that_is_no_text_when_decoded_has_no_decoded_candidate() -> None:
    assert list(targets("/rooms/%ff")) == ["/rooms/%ff"]


@pytest.mark.parametrize(
    ("host", "scheme", "candidates"),
    [
        ("localhost", "https", ["localhost", "localhost:443"]),
        ("localhost", "http", ["localhost", "localhost:80"]),
        ("localhost:8443", "https", ["localhost:8443"]),
        ("[::1]", "https", ["[::1]", "[::1]:443"]),
        ("[::1]:8443", "https", ["[::1]:8443"]),
    ],
)
def test_the_default_port_may_have_been_signed(
    host: str, scheme: str, candidates: list[str]
) -> None:
    assert hosts(host, scheme) == candidates


def test_a_signature_is_its_own_keys_and_its_own_texts() -> None:
    signature = sign(b"text", KEY)

    assert is_signed(b"text", KEY, signature)
    assert not is_signed(b"texts", KEY, signature)
    assert not is_signed(b"text", KEY[::-1], signature)
    assert not is_signed(b"text", KEY, signature[:-1])
