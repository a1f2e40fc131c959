"""What of session descriptions and candidates may go to the engine. Pure.

The engine sends to every address that a client names as a candidate, so a client could have it knock
at doors that only this machine or its network can reach. Candidates that point to loopback,
link-local, multicast or otherwise special addresses, to metadata services of clouds, or to no address
at all are left out; private ones stay, for the people of one network meet by them. What is left out
is no loss to anybody honest: the engine answers whoever reaches it. A connection gets so many
candidates and no more.

A description consists of lines as they are looked at here, and of nothing else, so that the engine's
parser finds no line in it that was not.
"""

import json
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

from openrooms.media.errors import MessageRefused

Address: TypeAlias = IPv4Address | IPv6Address

# 50 people seen and heard at once are 300 KB (Chromium 156).
LARGEST_DESCRIPTION = 768 * 1024
# One for each track that is sent or received, and those that wait to be used again.
MOST_SECTIONS = 400
# A browser with many networks names some dozens, and anew when a network changes.
MOST_CANDIDATES = 256
LONGEST_CANDIDATE = 512
_LONGEST_NAME = 256

_LINES = re.compile(r"(?:[a-z]=[^\0\r\n]*\n)*+")
_CANDIDATE = re.compile(
    r"(?:candidate:)?[A-Za-z0-9+/_-]{1,32} [0-9]{1,5} [A-Za-z]{1,16} [0-9]{1,10} "
    r"(?P<address>[0-9A-Fa-f.:%A-Za-z-]{1,64}) (?P<port>[0-9]{1,5}) typ [a-z]{1,16}(?: [ -~]*)?",
    re.ASCII,
)
# Without an anchor, which would be looked for in front of each character.
_ATTRIBUTE = re.compile(r"a=(candidate:[^\n]*)\n")
# What clouds answer under, beside link-local addresses; and what carries an IPv4 address inside.
_SPECIAL = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "240.0.0.0/4",
        "fd00:ec2::/32",
        "fd20:ce::/32",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)


@dataclass(slots=True)
class Candidates:
    """The candidates of one connection. `own` is the address of the engine's media."""

    own: Address | None = None
    _known: set[str] = field(default_factory=set)

    def admit(self, candidate: str) -> bool:
        """Whether the engine may be told of a candidate."""
        read = _CANDIDATE.fullmatch(candidate) if len(candidate) <= LONGEST_CANDIDATE else None
        if read is None or not self._reachable(read["address"]):
            return False
        key = f"{read['address']} {read['port']}"
        if key not in self._known and len(self._known) >= MOST_CANDIDATES:
            return False
        self._known.add(key)
        return True

    def _reachable(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            # A name: the engine would have to look it up, and does not.
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return address == self.own or not _is_special(address)


def _is_special(address: Address) -> bool:
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or any(address in network for network in _SPECIAL)
    )


def description(sdp: str, candidates: Candidates) -> str:
    """A session description for the engine. Raises `MessageRefused` for one that no browser makes."""
    if len(sdp) > LARGEST_DESCRIPTION:
        raise MessageRefused("a session description is too large")
    text = sdp.replace("\r\n", "\n").removesuffix("\n") + "\n" if sdp else ""
    # All of it at once: a description has hundreds of lines, and a full room agrees anew again and again.
    if _LINES.fullmatch(text) is None:
        raise MessageRefused("a session description is not one of lines")
    if text.count("\nm=") + text.startswith("m=") > MOST_SECTIONS:
        raise MessageRefused("a session description has too many sections")

    def told(found: re.Match[str]) -> str:
        at = found.start()
        is_line = at == 0 or text[at - 1] == "\n"
        return "" if is_line and not candidates.admit(found[1]) else found[0]

    return _ATTRIBUTE.sub(told, text).replace("\n", "\r\n")


def trickled(candidate_init: str, candidates: Candidates) -> str | None:
    """A trickled candidate for the engine, in JSON of our own; None when it is left out.

    Raises `MessageRefused` for one that no browser makes.
    """
    try:
        told = json.loads(candidate_init)
    except (ValueError, RecursionError):
        raise MessageRefused("a candidate cannot be read") from None
    if not isinstance(told, dict) or not isinstance(told.get("candidate"), str):
        raise MessageRefused("a candidate names nothing")
    # Empty: there are no more.
    if told["candidate"] and not candidates.admit(told["candidate"]):
        return None
    section = told.get("sdpMLineIndex")
    if section is not None and (type(section) is not int or not 0 <= section < MOST_SECTIONS):
        raise MessageRefused("a candidate is of no section that can be")
    passed = {"candidate": told["candidate"], "sdpMLineIndex": section}
    return json.dumps(passed | {name: _name(told, name) for name in ("sdpMid", "usernameFragment")})


def _name(told: dict[str, object], name: str) -> str | None:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        raise MessageRefused(f"a candidate's {name} is none")
    return value
