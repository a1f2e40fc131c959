"""Of a client's address only as much is told as the operator wants."""

import pytest

from openrooms.http.addresses import Shown, shorten


@pytest.mark.parametrize(
    ("address", "shown", "told"),
    [
        ("192.0.2.77", Shown.FULL, "192.0.2.77"),
        ("192.0.2.77", Shown.NETWORK, "192.0.2.0"),
        ("192.0.2.77", Shown.NONE, ""),
        ("2001:db8:1:2:3:4:5:6", Shown.FULL, "2001:db8:1:2:3:4:5:6"),
        ("2001:db8:1:2:3:4:5:6", Shown.NETWORK, "2001:db8:1::"),
        ("::ffff:192.0.2.77", Shown.NETWORK, "192.0.2.0"),
        ("testclient", Shown.FULL, ""),
        ("", Shown.NETWORK, ""),
    ],
)
def test_an_address_is_told_in_the_chosen_length(address: str, shown: Shown, told: str) -> None:
    assert shorten(address, shown) == told
