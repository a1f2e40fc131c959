"""Addresses for media, and ports that are free."""

import socket

import pytest

from openrooms.media.address import claim_udp_port, free_tcp_port, media_address
from openrooms.media.errors import EngineFailed


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("host", "address"),
    [
        (None, "127.0.0.1"),
        ("192.168.7.5", "192.168.7.5"),
        ("fd00::5", "fd00::5"),
        ("localhost", "127.0.0.1"),
        ("::1", "127.0.0.1"),
        ("127.0.1.1", "127.0.0.1"),
    ],
)
async def test_media_goes_to_the_address_of_the_public_name(host: str | None, address: str) -> None:
    assert await media_address(host) == address


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["nowhere.invalid", "", "a..b", "x" * 300])
async def test_a_name_without_an_address_is_named(host: str) -> None:
    with pytest.raises(EngineFailed, match=f"the public name {host} has no address"):
        await media_address(host)


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "224.0.0.1"])
async def test_an_address_that_is_nobodys_is_named(host: str) -> None:
    with pytest.raises(EngineFailed, match=f"{host} is no address that others can reach"):
        await media_address(host)


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_tcp_port())) as server:
        assert server.getsockname()[1] > 1023


def test_any_free_media_port_will_do() -> None:
    port, is_own = claim_udp_port("127.0.0.1", 0)

    assert port > 1023
    assert is_own
    assert claim_udp_port("127.0.0.1", port) == (port, True)


def test_an_address_of_another_machine_is_told_apart() -> None:
    port, is_own = claim_udp_port("203.0.113.7", 0)

    assert port > 1023
    assert not is_own


@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.7"])
def test_a_port_of_another_program_is_named(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        port = taken.getsockname()[1]

        with pytest.raises(EngineFailed, match=rf"UDP port {port}, for media, is used by another"):
            claim_udp_port(address, port)


def test_a_port_that_may_not_be_opened_is_named() -> None:
    with pytest.raises(EngineFailed, match="UDP port 7882, for media, cannot be opened"):
        claim_udp_port("fe80::1", 7882)
