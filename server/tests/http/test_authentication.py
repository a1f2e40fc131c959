"""Only a request that a key of the resource signed, as it is and about now, is let in."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openrooms.http.authentication import Authentication, Proof
from openrooms.http.errors import Denied, WrongContentHash
from openrooms.http.headers import Headers
from openrooms.http.requests import Request
from openrooms.http.signing import hash_content, sign, signed_text, targets
from openrooms.kernel.access_keys import WhichKey

NOW = datetime(2025, 1, 24, 10, 0, tzinfo=UTC)
PRIMARY, SECONDARY = b"p" * 32, b"s" * 32
NAMES = "x-ms-date;host;x-ms-content-sha256"


@dataclass(frozen=True)
class Resource:
    id: str
    access_keys: tuple[bytes, bytes]


class Names:
    """Resources by the host name they are reached under."""

    def __init__(self, known: Mapping[str, Resource]) -> None:
        self._known = known

    def serving(self, host: str) -> Sequence[Resource]:
        if host == "shared":
            return (OURS, THEIRS)
        return (self._known[host],) if host in self._known else ()


OURS = Resource("ours", (PRIMARY, SECONDARY))
THEIRS = Resource("theirs", (b"x" * 32, b"y" * 32))
KEYS = Names({"localhost": OURS, "::1": OURS, "[::1]": OURS, "theirs": THEIRS})
AUTHENTICATION = Authentication(KEYS, lambda: NOW)


def request(
    *,
    key: bytes = PRIMARY,
    method: str = "GET",
    target: str = "/rooms?api-version=2025-03-13",
    signed_target: str | None = None,
    body: bytes = b"",
    names: str = NAMES,
    date: str | None = None,
    host: str = "localhost:8443",
    signed_host: str | None = None,
) -> Request:
    date = format_datetime(NOW, usegmt=True) if date is None else date
    headers = {
        "x-ms-date": date,
        "date": date,
        "host": host,
        "x-ms-content-sha256": hash_content(body),
    }
    signed = headers | {"host": signed_host or host}
    values = [signed[name] for name in names.split(";")]
    signature = sign(signed_text(method, signed_target or target, values), key)
    told = base64.b64encode(signature).decode()
    headers["authorization"] = f"HMAC-SHA256 SignedHeaders={names}&Signature={told}"
    return Request(method, target, scheme="https", headers=sent(headers.items()), body=body)


def with_header(signed: Request, name: str, *values: str) -> Request:
    others = [(known, value) for known, value in signed.headers.items() if known != name]
    return changed(signed, headers=sent([*others, *((name, value) for value in values)]))


def changed(
    signed: Request,
    *,
    method: str | None = None,
    target: str | None = None,
    headers: Headers | None = None,
    body: bytes | None = None,
) -> Request:
    """The request with something else in a place."""
    return Request(
        method or signed.method,
        target or signed.target,
        scheme=signed.scheme,
        headers=headers or signed.headers,
        body=signed.body if body is None else body,
    )


def sent(headers: Iterable[tuple[str, str]]) -> Headers:
    return Headers([(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers])


@pytest.mark.parametrize(
    ("key", "name"), [(PRIMARY, WhichKey.PRIMARY), (SECONDARY, WhichKey.SECONDARY)]
)
def test_both_keys_prove_a_request_and_are_told_apart(key: bytes, name: WhichKey) -> None:
    assert AUTHENTICATION.prove(request(key=key)) == Proof("ours", name)


@pytest.mark.parametrize("owner", [OURS, THEIRS])
def test_where_several_are_meant_the_key_tells_them_apart(owner: Resource) -> None:
    for key in owner.access_keys:
        assert AUTHENTICATION.prove(request(key=key, host="shared")).resource_id == owner.id


def test_where_several_are_meant_a_key_of_none_is_denied() -> None:
    with pytest.raises(Denied, match="signature"):
        AUTHENTICATION.prove(request(key=b"another key", host="shared"))


@pytest.mark.parametrize(
    "good",
    [
        request(method="POST", body=b"{}"),
        request(names="date;host;x-ms-content-sha256"),
        request(names="host;x-ms-content-sha256;x-ms-date"),
        request(host="localhost", signed_host="localhost:443"),
        request(host="LOCALHOST:8443"),
        request(host="[::1]:8443"),
        request(target="/rooms?a=x%20y", signed_target="/rooms?a=x y"),
        request(target="/rooms?a=x:y", signed_target="/rooms?a=x%3Ay"),
        request(target="/rooms?a=%C3%A9", signed_target="/rooms?a=é"),
        request(date="Fri, 24 Jan 2025 09:45:00 GMT"),
        request(date="Fri, 24 Jan 2025 10:15:00 GMT"),
    ],
)
def test_every_form_that_clients_use_is_accepted(good: Request) -> None:
    assert AUTHENTICATION.prove(good).resource_id == "ours"


@pytest.mark.parametrize(
    "bad",
    [
        request(key=b"another key"),
        request(key=THEIRS.access_keys[0]),
        request(host="theirs"),
        request(host="unknown"),
        request(host="localhost.:8443"),
        request(host="localhost:8444", signed_host="localhost:8443"),
        changed(request(), method="DELETE"),
        changed(request(), target="/rooms/99?api-version=2025-03-13"),
        changed(request(), target="/rooms?api-version=2025-03-13&more=1"),
        changed(request(target="/rooms/1%2F2"), target="/rooms/1/2"),
        request(names="host;x-ms-content-sha256"),
        request(names="x-ms-date;x-ms-content-sha256"),
        request(names="x-ms-date;host"),
        request(date="Fri, 24 Jan 2025 09:44:59 GMT"),
        request(date="Fri, 24 Jan 2025 10:15:01 GMT"),
        request(date="2025-01-24T10:00:00Z"),
        request(date=""),
        request(date="Fri, 31 Feb 2025 10:00:00 GMT"),
        with_header(request(), "authorization"),
        with_header(request(), "authorization", "Bearer garbage"),
        with_header(request(), "x-ms-content-sha256"),
        with_header(request(), "host", "localhost:8443", "localhost:8443"),
    ],
)
def test_anything_else_is_denied_with_the_one_message(bad: Request) -> None:
    with pytest.raises(Denied) as denied:
        AUTHENTICATION.prove(bad)

    assert denied.value.message == "Denied by the resource provider."


@pytest.mark.parametrize(
    "bad",
    [
        changed(request(method="POST", body=b"{}"), body=b"[]"),
        with_header(request(), "x-ms-content-sha256", hash_content(b"other")),
        with_header(request(), "x-ms-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4"),
    ],
)
def test_a_body_that_is_not_the_signed_one_has_a_message_of_its_own(bad: Request) -> None:
    with pytest.raises(WrongContentHash, match="content hash"):
        AUTHENTICATION.prove(bad)


def test_a_body_and_its_hash_changed_together_are_denied() -> None:
    both = changed(request(method="POST", body=b"{}"), body=b"[]")

    with pytest.raises(Denied, match="signature"):
        AUTHENTICATION.prove(with_header(both, "x-ms-content-sha256", hash_content(b"[]")))


def test_the_same_request_is_served_twice() -> None:
    again = request()

    assert AUTHENTICATION.prove(again) == AUTHENTICATION.prove(again)


def test_without_a_window_any_readable_date_will_do() -> None:
    authentication = Authentication(KEYS, lambda: NOW + timedelta(days=400), None)

    assert authentication.prove(request()).resource_id == "ours"
    with pytest.raises(Denied, match="date unreadable"):
        authentication.prove(request(date="yesterday"))


TARGETS = st.from_regex(r"/[a-z0-9%:=&?_.~*/-]{0,40}", fullmatch=True)


@given(
    TARGETS,
    st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
    st.binary(max_size=64),
    st.sampled_from([PRIMARY, SECONDARY]),
    st.data(),
)
def test_whatever_is_signed_in_a_known_form_is_proved(
    target: str, method: str, body: bytes, key: bytes, data: st.DataObject
) -> None:
    signed = data.draw(st.sampled_from(list(targets(target))))
    good = request(key=key, method=method, target=target, signed_target=signed, body=body)

    assert AUTHENTICATION.prove(good).resource_id == "ours"


@given(TARGETS, TARGETS)
def test_a_signature_is_good_for_nothing_but_its_own_target(sent: str, signed: str) -> None:
    assume(signed not in targets(sent))

    with pytest.raises(Denied):
        AUTHENTICATION.prove(request(target=sent, signed_target=signed))


@given(st.integers(0, 31), st.integers(1, 255))
def test_one_changed_byte_spoils_a_signature(place: int, change: int) -> None:
    good = request()
    told = good.header("authorization")
    start, _, encoded = told.partition("Signature=")
    signature = bytearray(base64.b64decode(encoded))
    signature[place] ^= change
    spoiled = f"{start}Signature={base64.b64encode(signature).decode()}"

    with pytest.raises(Denied):
        AUTHENTICATION.prove(with_header(good, "authorization", spoiled))
