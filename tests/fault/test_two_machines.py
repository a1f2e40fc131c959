"""People on machines of their own, and a server on a third, under a public address: NAT, firewalls."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.browser import Town
from support.report import figure
from support.world import SERVER, SERVERS, World, way_of, world_of

MEETS_WITHIN = 10.0
# The port of the server under test, which is another each time.
HTTPS = -1


@pytest.fixture
def world(people: Town, tmp_path: Path) -> Iterator[World]:
    with world_of(people, tmp_path / "server") as made:
        yield made


@pytest.mark.lasts(25)
def test_two_machines_meet_one_of_them_behind_a_nat(world: World) -> None:
    call, took = world.call_in()

    media = f"{SERVER}:{world.server.ports.media}"
    ways = [way_of(caller) for caller in (call.doctor, call.patient)]
    assert {(way.protocol, way.target) for way in ways} == {("udp", media)}
    for caller in (call.doctor, call.patient):
        # No other server than ours was ever asked, or could have been.
        assert sorted(caller.person.evaluate(SERVERS)) == [
            f"turn:{SERVER}:3478?transport=udp",
            f"turns:{SERVER}:5349?transport=tcp",
        ]
    figure("two machines, one behind NAT, met after", took, at_most=MEETS_WITHIN, unit="s")


@pytest.mark.parametrize(
    ("firewall", "kind", "protocol"),
    [
        pytest.param(
            {"udp_to": [], "tcp_to": [HTTPS, 7881]},
            *("prflx", "tcp"),
            id="no UDP",
            marks=pytest.mark.lasts(25),
        ),
        pytest.param({"udp_to": [], "tcp_to": [HTTPS, 5349]}, *("relay", "tls"), id="TLS alone"),
        pytest.param(
            {"udp_to": [3478], "tcp_to": [HTTPS]},
            *("relay", "udp"),
            id="the relay's UDP alone",
            marks=pytest.mark.lasts(25),
        ),
    ],
)
def test_x13_who_is_behind_a_firewall_meets_all_the_same(
    world: World, firewall: Mapping[str, list[int]], kind: str, protocol: str
) -> None:
    named = {HTTPS: world.server.ports.https}
    ports = {way: [named.get(one, one) for one in some] for way, some in firewall.items()}
    world.net.change(world.machines[1], **ports)
    call, took = world.call_in()

    way = way_of(call.patient)
    assert (way.kind, way.protocol) == (kind, protocol)
    assert way_of(call.doctor).protocol == "udp"
    figure(f"X13, by {kind} over {protocol}, met after", took, at_most=MEETS_WITHIN, unit="s")
