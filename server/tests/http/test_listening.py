"""A port is found busy, or not allowed, before anything else is made."""

import socket

import pytest

from openrooms.http import listening as module
from openrooms.http.listening import LOOPBACK, PortUnusable, listening, port_of


def test_a_free_port_is_the_same_in_both_families() -> None:
    with listening(0, LOOPBACK, option="--http-port") as sockets:
        assert {one.getsockname()[1] for one in sockets} == {port_of(sockets)}
        assert port_of(sockets) > 0


def test_a_port_that_was_let_go_is_free_again() -> None:
    with listening(0, LOOPBACK, option="--http-port") as sockets:
        port = port_of(sockets)

    with listening(port, LOOPBACK, option="--http-port") as sockets:
        assert port_of(sockets) == port


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_a_busy_port_is_one_clear_line(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]

        with (
            pytest.raises(
                PortUnusable, match=rf"^Port {port}: in use by another program\. .*--https-port"
            ),
            listening(port, LOOPBACK, option="--https-port"),
        ):
            pass


def test_a_free_port_is_tried_again_while_the_other_family_has_it_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bind, refusals = module._bind_ipv6, iter([True, True, False])

    def taken(host: str, port: int, *, option: str) -> list[socket.socket]:
        if next(refusals):
            raise PortUnusable
        return bind(host, port, option=option)

    monkeypatch.setattr(module, "_bind_ipv6", taken)

    with listening(0, LOOPBACK, option="--http-port") as sockets:
        assert port_of(sockets) > 0


def test_a_machine_without_ipv6_listens_on_ipv4() -> None:
    # An address that no machine has stands for a family that this one has not.
    with listening(0, ("127.0.0.1", "2001:db8::1"), option="--http-port") as sockets:
        assert len(sockets) == 1
