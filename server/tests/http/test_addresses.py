"""Of a client's address only as much is told as the operator wants."""

from ipaddress import ip_network

import pytest

from openrooms.http.addresses import FORWARDED_FOR, Shown, client_behind, is_within, shorten
from openrooms.http.headers import Headers

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("address", "shown", "told"),
    [
        ("192.0.2.77", Shown.FULL, "192.0.2.77"),
        ("192.0.2.77", Shown.NETWORK, "192.0.2.0"),
        ("192.0.2.77", Shown.NONE, ""),
        ("2001:db8:1:2:3:4:5:6", Shown.FULL, "2001:db8:1:2:3:4:5:6"),
        ("2001:db8:1:2:3:4:5:6", Shown.NETWORK, "2001:db8:1::"),
        ("::ffff:192.0.2.77", Shown.NETWORK, "192.0.2.0"),
        # A zone is any text, and a proxy may hand on what it was sent.
        ("fe80::1%any text", Shown.FULL, "fe80::1"),
        ("fe80:0:0:1::1%any text", Shown.NETWORK, "fe80::"),
        ("testclient", Shown.FULL, ""),
        ("", Shown.NETWORK, ""),
    ],
)
def test_an_address_is_told_in_the_chosen_length(address: str, shown: Shown, told: str) -> None:
    assert shorten(address, shown) == told


@pytest.mark.parametrize(
    ("sent", "client"),
    [
        ([b"192.0.2.7"], "192.0.2.7"),
        ([b"192.0.2.7, 10.0.0.1"], "192.0.2.7"),
        ([b"203.0.113.9, 192.0.2.7,fd00::1 , 10.0.0.1"], "192.0.2.7"),
        ([b"192.0.2.7", b"10.0.0.1"], "192.0.2.7"),
        ([b"2001:db8::1"], "2001:db8::1"),
        ([b"nobody, 192.0.2.7"], "192.0.2.7"),
        ([b"192.0.2.7, nobody"], None),
        ([b"192.0.2.7:443"], None),
        ([b"10.0.0.1"], None),
        ([b""], None),
        ([b"1.1.1.1," * 40 + b"10.0.0.1," * 40 + b"10.0.0.1"], None),
        ([], None),
    ],
)
def test_a_trusted_proxy_says_for_whom_it_speaks(sent: list[bytes], client: str | None) -> None:
    headers = Headers([(FORWARDED_FOR.encode(), value) for value in sent])

    assert client_behind(headers.get(FORWARDED_FOR, ""), TRUSTED) == client


def test_what_is_no_address_lies_in_no_network() -> None:
    assert not is_within("socket", TRUSTED)
