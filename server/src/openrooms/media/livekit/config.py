"""The engine's settings file."""

import json
from dataclasses import dataclass, field
from ipaddress import ip_address

from openrooms.media.livekit.tokens import KeyPair

# Above the cap of a call (350), which is counted in the database: a seat that is being left or was
# never taken up holds its place at the engine for up to a minute.
MOST_PARTICIPANTS = 400
METRICS_USER = "openrooms"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """What the engine is told. `address` is the IP address that browsers send media to.

    `tcp_port`: where it takes media over TCP, too; 0: nowhere.
    """

    keys: KeyPair
    webhook_url: str
    media_port: int
    address: str = "127.0.0.1"
    tcp_port: int = 0
    log_level: str = "warn"


@dataclass(frozen=True, slots=True)
class MetricsDoor:
    """Where the engine tells what it counts, a port of loopback, and to whom: others of the machine have no use for it."""

    port: int
    password: str = field(repr=False)


def render(
    settings: EngineSettings, *, http_port: int, metrics: MetricsDoor, is_own_address: bool
) -> str:
    """The file's text. JSON is YAML; the engine refuses a key that it does not know.

    `http_port`: that of its API, of loopback as well.
    `is_own_address`: the address is one of this machine's, not that of a router in front of it.
    """
    return json.dumps(
        {
            "port": http_port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": _rtc(settings, is_own_address=is_own_address),
            "keys": {settings.keys.key: settings.keys.secret},
            "room": {
                "auto_create": False,
                "empty_timeout": 60,
                "departure_timeout": 20,
                "max_participants": MOST_PARTICIPANTS,
                "enabled_codecs": [
                    {"mime": mime}
                    for mime in ("audio/opus", "audio/red", "video/VP8", "video/H264")
                ],
            },
            "limit": {
                "max_metadata_size": 16 * 1024,
                "max_attributes_size": 4 * 1024,
                "max_room_name_length": 128,
                "max_participant_identity_length": 160,
                "max_participant_name_length": 256,
            },
            "webhook": {"api_key": settings.keys.key, "urls": [settings.webhook_url]},
            # Otherwise participants are listed from a store that lags behind the rooms.
            "api": {"enable_psrpc_for_get_list_participants": True},
            "enable_data_tracks": False,
            "prometheus": {
                "port": metrics.port,
                "username": METRICS_USER,
                "password": metrics.password,
            },
            "logging": {"json": True, "level": settings.log_level},
        },
        indent=2,
    )


def read_metrics_door(text: bytes) -> MetricsDoor:
    """Where an engine with this file tells what it counts.

    Raises `ValueError` or `KeyError` for what is no such file.
    """
    told = json.loads(text)["prometheus"]
    return MetricsDoor(int(told["port"]), str(told["password"]))


def _rtc(settings: EngineSettings, *, is_own_address: bool) -> dict[str, object]:
    address = ip_address(settings.address)
    rtc: dict[str, object] = {
        "udp_port": settings.media_port,
        "tcp_port": settings.tcp_port,
        "use_external_ip": False,
        "node_ip": str(address),
        "enable_loopback_candidate": address.is_loopback,
        # Whoever asks a sender for pictures anew asks past the gate: this is what he gets at most.
        "pli_throttle": {"low_quality": "500ms", "mid_quality": "1s", "high_quality": "1s"},
        # Sound before pictures: what a line does not bear is paused, and its viewer told, instead of
        # all that comes by that line freezing.
        "congestion_control": {"allow_pause": True},
        # With none, the engine names the STUN servers of large companies. It asks none, and the gate
        # tells clients of ours alone.
        "stun_servers": ["127.0.0.1:3478"],
    }
    if is_own_address:
        rtc["ips"] = {"includes": [f"{address}/{address.max_prefixlen}"]}
    return rtc
