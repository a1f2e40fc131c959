"""Connections are bounded in all and by address, and nobody who has left is counted."""

from ipaddress import IPv4Network

import pytest

from openrooms.http.admission import Admission, count_as
from openrooms.http.limits import LOOPBACK_NETWORKS, Limits


def test_no_more_connections_are_open_than_the_limit_says() -> None:
    admission = Admission(Limits(connections=2))
    first = admission.admit("127.0.0.1")
    admission.admit("192.0.2.1")

    refused = admission.admit("192.0.2.2")
    assert first is not None
    first.leave()
    admitted = admission.admit("192.0.2.2")

    assert refused is None
    assert admitted is not None
    assert admission.open == 2


def test_one_address_has_only_so_many() -> None:
    admission = Admission(Limits(connections_alike=2))
    places = [admission.admit("192.0.2.1") for _ in range(3)]

    assert [place is not None for place in places] == [True, True, False]
    assert admission.admit("192.0.2.2") is not None


def test_a_whole_network_of_ipv6_counts_as_one() -> None:
    admission = Admission(Limits(connections_alike=1))
    admission.admit("2001:db8:0:1::1")

    assert admission.admit("2001:db8:0:1:ffff::2") is None
    assert admission.admit("2001:db8:0:2::1") is not None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "10.1.2.3"])
def test_those_of_free_networks_count_in_all_alone(address: str) -> None:
    free = (*LOOPBACK_NETWORKS, IPv4Network("10.0.0.0/8"))
    admission = Admission(Limits(connections_alike=1, connections=3, free_networks=free))

    assert [admission.admit(address) is not None for _ in range(4)] == [True, True, True, False]


def test_a_place_is_given_back_once() -> None:
    admission = Admission(Limits())
    place = admission.admit("192.0.2.1")
    admission.admit("192.0.2.1")
    assert place is not None

    place.leave()
    place.leave()

    assert admission.open == 1


def test_what_is_no_address_is_counted_as_it_is() -> None:
    assert count_as("socket") == "socket"


def test_a_trusted_proxy_brings_as_many_as_it_likes() -> None:
    proxies = (IPv4Network("192.0.2.0/24"),)
    admission = Admission(Limits(connections_alike=1, trusted_proxies=proxies))

    assert [admission.admit("192.0.2.1") is not None for _ in range(3)] == [True] * 3
