"""What the values of settings are read from: text of the environment, or what a file in TOML has.

Each reader raises `ValueError` for what cannot be, and says what to give.
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

Networks: TypeAlias = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

LARGEST_PORT = 65535
LOOPBACK_NETWORKS: Networks = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\Z")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def whole(lowest: int, highest: int, what: str) -> Callable[[object], int]:
    def read(value: object) -> int:
        text = str(value)
        # A number in the file, or text elsewhere; `True` is a number to Python alone.
        fits = not isinstance(value, bool | float) and re.fullmatch(r"[0-9]{1,9}", text, re.ASCII)
        if not fits or not lowest <= int(text) <= highest:
            raise ValueError(
                f"{value!r} is not {what}. Give a whole number, {lowest} to {highest}."
            )
        return int(text)

    return read


def one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is not known. Give one of: {', '.join(known)}.")
        return str(value)

    return read


def switch(value: object) -> bool:
    text = str(value).lower()
    if text not in _ON + _OFF:
        raise ValueError(f"{value!r} is neither on nor off. Give true or false.")
    return text in _ON


def path_of(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise ValueError(f"{value!r} is no path. Give the path of a file or a folder.")
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError:
        raise ValueError(
            f"{value!r} names a home that is not known. Give the whole path."
        ) from None


def host(value: object) -> str:
    text = str(value).lower()
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    if not _NAME.match(text) or text.replace(".", "").isdigit():
        raise ValueError(
            f"{value!r} is not a host name or an IP address. Give one, without scheme and port."
        )
    return text


def ip_of_one(value: object) -> str:
    """The IP address of one machine."""
    try:
        address = ipaddress.ip_address(str(value).strip("[]"))
    except ValueError:
        raise ValueError(f"{value!r} is no IP address. Give one, such as 192.0.2.10.") from None
    if address.is_unspecified or address.is_multicast:
        raise ValueError(
            f"{value!r} is no address that others can reach. Give that of one machine."
        )
    return str(address)


def host_and_port(value: object) -> str:
    """A name and a port, as URLs have them."""
    name, _, port = str(value).rpartition(":")
    try:
        return f"{host(name)}:{whole(1, LARGEST_PORT, 'a port')(port)}"
    except ValueError:
        raise ValueError(
            f"{value!r} is no name with a port. Give both, such as turn.example.org:443."
        ) from None


def networks(value: object) -> Networks:
    listed = value if isinstance(value, list) else str(value).split(",")
    try:
        return tuple(ipaddress.ip_network(str(one).strip()) for one in listed if str(one).strip())
    except ValueError as error:
        raise ValueError(f"{error}. Give addresses or networks, such as 10.0.0.0/8.") from None


def origins(value: object) -> frozenset[str]:
    listed = value if isinstance(value, list) else str(value).split(",")
    named = [str(one).strip().lower() for one in listed if str(one).strip()]
    for one in named:
        parts = urlsplit(one)
        plain = f"{parts.scheme}://{parts.netloc}" == one and "@" not in one and one.isascii()
        if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
            raise ValueError(
                f"{one!r} is no origin. Give scheme, name and port as a browser's address bar has "
                "them, without a path, such as https://app.example.org."
            )
    return frozenset(named)


def issuer(value: object) -> str:
    text = str(value)
    parts = urlsplit(text)
    # Without TLS anyone between could hand out keys of his own.
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    plain = not (parts.query or parts.fragment or parts.username is not None)
    if not (safe and plain and parts.hostname and text.isascii() and text.isprintable()):
        raise ValueError(
            f"{text!r} is no issuer. Give its URL as its tokens have it in `iss`, with https:// "
            "(http:// on this machine alone), without user, query and fragment."
        )
    return text


def engine(value: object) -> str:
    # Whoever reaches that port with a token of the engine goes around every rule of ours.
    here = re.fullmatch(r"http://(?:localhost|127\.0\.0\.1|\[::1\]):([0-9]{1,5})", str(value))
    if here is None or not 0 < int(here[1]) <= LARGEST_PORT:
        raise ValueError(
            f"{value!r} is no engine of this machine. Give one such as http://127.0.0.1:7880."
        )
    return f"http://{_LOOPBACK[1]}:{int(here[1])}"


def collector(value: object) -> str:
    text = str(value)
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        raise ValueError(
            f"{text!r} is no URL of a collector. Give one such as http://127.0.0.1:4318/v1/traces."
        )
    return text


def word(value: object) -> str:
    if not isinstance(value, str) or not value or value != value.strip() or len(value) > 256:
        raise ValueError(f"{value!r} is not possible. Give 1 to 256 characters, no space around.")
    return value


def postgresql(value: object) -> str:
    # The value is not told: it may hold a password.
    text = str(value)
    if urlsplit(text).scheme not in {"postgresql", "postgres"} or "\0" in text:
        raise ValueError("it is not a PostgreSQL URL. Give postgresql://USER@HOST:PORT/NAME.")
    return text
