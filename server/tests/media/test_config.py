"""The engine's settings file."""

import json
from dataclasses import replace
from typing import Any

import pytest

from openrooms.media.livekit.config import EngineSettings, MetricsDoor, read_metrics_door, render
from openrooms.media.livekit.tokens import KeyPair

SETTINGS = EngineSettings(
    keys=KeyPair("key", "s" * 40), webhook_url="http://127.0.0.1:8080/e", media_port=7882
)
METRICS = MetricsDoor(6789, "known to two")


def written(settings: EngineSettings, *, own: bool = True) -> dict[str, Any]:  # what the file says
    read: dict[str, Any] = json.loads(
        render(settings, http_port=7880, metrics=METRICS, is_own_address=own)
    )
    return read


def test_the_engine_is_reached_on_loopback_only() -> None:
    config = written(SETTINGS)

    assert config["port"] == 7880
    assert config["bind_addresses"] == ["127.0.0.1"]
    assert config["rtc"]["tcp_port"] == 0


def test_where_it_tells_what_it_counts_can_be_read_in_its_file() -> None:
    text = render(SETTINGS, http_port=7880, metrics=METRICS, is_own_address=True)

    assert read_metrics_door(text.encode()) == METRICS
    assert METRICS.password not in repr(METRICS)


def test_pictures_give_way_to_sound() -> None:
    assert written(SETTINGS)["rtc"]["congestion_control"] == {"allow_pause": True}


def test_rooms_are_made_by_us_alone() -> None:
    assert written(SETTINGS)["room"]["auto_create"] is False


def test_there_is_exactly_one_key() -> None:
    config = written(SETTINGS)

    assert config["keys"] == {"key": "s" * 40}
    assert config["webhook"] == {"api_key": "key", "urls": ["http://127.0.0.1:8080/e"]}


def test_nobody_is_told_to_ask_a_stranger_for_his_address() -> None:
    assert written(SETTINGS)["rtc"]["stun_servers"] == ["127.0.0.1:3478"]
    assert written(SETTINGS)["rtc"]["use_external_ip"] is False


def test_on_one_machine_media_stays_there() -> None:
    rtc = written(SETTINGS)["rtc"]

    assert rtc["node_ip"] == "127.0.0.1"
    assert rtc["enable_loopback_candidate"] is True
    assert rtc["ips"] == {"includes": ["127.0.0.1/32"]}


@pytest.mark.parametrize(
    ("address", "network"), [("192.168.7.5", "192.168.7.5/32"), ("fd00::5", "fd00::5/128")]
)
def test_in_a_network_media_goes_to_the_address_that_others_reach(
    address: str, network: str
) -> None:
    rtc = written(replace(SETTINGS, address=address))["rtc"]

    assert rtc["node_ip"] == address
    assert rtc["enable_loopback_candidate"] is False
    assert rtc["ips"] == {"includes": [network]}


def test_behind_a_router_media_arrives_on_any_address() -> None:
    rtc = written(replace(SETTINGS, address="203.0.113.7"), own=False)["rtc"]

    assert rtc["node_ip"] == "203.0.113.7"
    assert "ips" not in rtc
