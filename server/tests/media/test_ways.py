"""The ways to the engine's media, and what browsers are told of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from livekit.protocol import rtc
from tests.media.signalling import line, seat

from openrooms.kernel.clock import system_clock
from openrooms.media.engine import Engine
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.frames import server_message
from openrooms.media.livekit.guide import Guide
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.process import Supervisor
from openrooms.media.ways import Ways, relay_credential, relay_secret

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = KeyPair("key", "s" * 40)
WAYS = Ways(
    address="192.0.2.7",
    media_port=7882,
    tcp_port=7881,
    turn_port=3478,
    turn_tls_port=5349,
    turn_tls_told="rooms.example:443",
)


def guide(ways: Ways | None) -> Guide:
    return Guide(ways, KEYS, lambda: NOW)


def test_browsers_are_told_of_our_relay_by_each_way() -> None:
    (told,) = guide(WAYS).servers("8:acs:one~1")

    assert list(told.urls) == [
        "turn:192.0.2.7:3478?transport=udp",
        "turns:rooms.example:443?transport=tcp",
    ]
    assert (told.username, told.credential) == relay_credential(
        relay_secret(KEYS.secret), "8:acs:one~1", NOW
    )


def test_an_address_of_ipv6_is_told_in_brackets() -> None:
    assert Ways(address="fd00::7", turn_port=1).relay_urls == ["turn:[fd00::7]:1?transport=udp"]


def test_without_a_relay_browsers_are_told_of_nobody() -> None:
    assert guide(None).servers("x") == []
    assert guide(None).own is None
    assert guide(Ways(tcp_port=7881)).servers("x") == []


@pytest.mark.anyio
async def test_a_user_holds_his_places_at_the_relay_whichever_seat_he_takes(
    supervisor: Supervisor, keys: KeyPair
) -> None:
    async with livekit_engine(supervisor, keys, system_clock, ways=WAYS) as engine:
        holders = [
            await _holder(engine, identity)
            for identity in ("8:acs:r_ada~1", "8:acs:r_ada~2", "8:acs:r_bo~3")
        ]

    assert holders[0] == holders[1] != holders[2]


async def _holder(engine: Engine, identity: str) -> str:
    """Whose credential is told to who takes a seat."""
    async with line(engine, replace(seat(), identity=identity)) as connection:
        (told,) = (await connection.hear("join")).join.ice_servers
    return told.username.partition(":")[2]


def test_on_loopback_there_is_udp_alone() -> None:
    near = Ways(address="127.0.0.1", media_port=7, tcp_port=1, turn_port=2, turn_tls_port=3)

    assert near.within_reach() == Ways(address="127.0.0.1", media_port=7)
    assert WAYS.within_reach() is WAYS


def test_a_credential_ends_after_five_minutes_and_names_nobody() -> None:
    user, password = relay_credential("secret", "8:acs:one~1", NOW)
    expiry, _, whose = user.partition(":")

    assert int(expiry) == (NOW + timedelta(minutes=5)).timestamp()
    assert "acs" not in whose
    assert whose == relay_credential("secret", "8:acs:one~1", NOW)[0].partition(":")[2]
    assert whose != relay_credential("secret", "8:acs:two~1", NOW)[0].partition(":")[2]
    assert password != relay_credential("other", "8:acs:one~1", NOW)[1]


def test_the_relay_does_not_learn_the_engines_secret() -> None:
    assert KEYS.secret not in relay_secret(KEYS.secret)
    assert relay_secret(KEYS.secret) == relay_secret(KEYS.secret) != relay_secret("t" * 40)


def test_the_servers_that_the_engine_names_give_way_to_ours() -> None:
    strangers = [rtc.ICEServer(urls=["stun:stun.stranger.example:19302"])]
    ours = [rtc.ICEServer(urls=["turn:192.0.2.7:3478"], username="u", credential="c")]
    join = rtc.SignalResponse(join=rtc.JoinResponse(ice_servers=strangers, alternative_url="kept"))
    again = rtc.SignalResponse(reconnect=rtc.ReconnectResponse(ice_servers=strangers))

    joined = rtc.SignalResponse.FromString(server_message(join.SerializeToString(), ours) or b"")
    back = rtc.SignalResponse.FromString(server_message(again.SerializeToString(), ours) or b"")
    alone = rtc.SignalResponse.FromString(server_message(join.SerializeToString()) or b"")

    assert list(joined.join.ice_servers) == ours
    assert joined.join.alternative_url == "kept"
    assert list(back.reconnect.ice_servers) == ours
    assert list(alone.join.ice_servers) == []


def test_an_answer_that_cannot_be_read_names_no_servers() -> None:
    assert server_message(b"\x0a\x02\xff\xff") is None
