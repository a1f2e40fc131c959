"""Which addresses events may be sent to."""

import ipaddress

import pytest

from openrooms.events.webhooks.addresses import may_reach
from openrooms.setting_values import LOOPBACK_NETWORKS

REFUSED = (
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "",
    "localhost",
    "2130706433",
)


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not may_reach(address, ())


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public_is_not(address: str) -> None:
    assert may_reach(address, ())


def test_the_operator_may_allow_networks() -> None:
    office = (ipaddress.ip_network("10.1.0.0/16"),)

    assert may_reach("10.1.2.3", office)
    assert may_reach("::ffff:10.1.2.3", office)
    assert not may_reach("10.2.0.1", office)
    assert all(may_reach(one, LOOPBACK_NETWORKS) for one in ("127.0.0.1", "::1"))
    assert not may_reach("169.254.169.254", LOOPBACK_NETWORKS)
