"""Looks at how people reach a server: its name, its certificate, and the ways to its media."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509

from openrooms.config import Config
from openrooms.engine_part import certificate_files, find_ways
from openrooms.findings import Finding, State, split
from openrooms.http.certificates import CertificatesUnusable
from openrooms.media.address import claim_udp_port
from openrooms.media.errors import EngineFailed
from openrooms.media.ways import Ways, at

EXPIRES_SOON = timedelta(days=30)


def check_network(config: Config) -> Iterator[Finding]:
    """The public name leads to where media goes, and what browsers will be told of the ways there."""
    if config.public_host is None:
        yield Finding(State.OK, "public name", "none: this machine alone reaches the server")
        return
    try:
        ways = asyncio.run(find_ways(config))
    except EngineFailed as error:
        yield Finding(State.FAIL, "public name", str(error), "enter it in the DNS")
        return
    yield _name(config.public_host, ways)
    yield _address(ways)
    yield _offered(config, ways)
    if not config.is_dev and config.engine_url is None:
        said = "a child of the server: calls pause while that is restarted"
        advice = "run `openrooms engine` as a unit of its own (engine_url)"
        yield Finding(State.WARN, "engine", said, advice)


def _name(host: str, ways: Ways) -> Finding:
    """Whoever comes by the name comes to the address that media goes to."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        said = f"{host} has no address here"
        return Finding(State.WARN, "public name", said, "enter it in the DNS")
    led = sorted({str(one[4][0]) for one in found})
    if ways.address in led or ip_address(ways.address).is_loopback:
        return Finding(State.OK, "public name", f"{host} leads to {', '.join(led)}")
    said = f"{host} leads to {', '.join(led)}, and media goes to {ways.address}"
    advice = "set media_address to the address under which people reach this machine"
    return Finding(State.WARN, "public name", said, advice)


def _address(ways: Ways) -> Finding:
    """Whose the address is, and who can reach it."""
    address = ip_address(ways.address)
    if address.is_loopback:
        said = f"{address} is reached from this machine alone"
        return Finding(State.WARN, "media address", said, "give a public_host that others reach")
    try:
        _, is_own = claim_udp_port(ways.address, 0)
    except EngineFailed as error:
        return Finding(State.FAIL, "media address", *split(error))
    whose = "this machine's own" if is_own else "not this machine's: a router must pass ports on"
    reach = "" if address.is_global else ", and reached from its own network alone"
    return Finding(State.OK, "media address", f"{address}, {whose}{reach}")


def _offered(config: Config, ways: Ways) -> Finding:
    """The candidates of the engine, and the relay, as browsers will be told of them."""
    offered = [f"UDP {at(ways.address, ways.media_port)}"]
    if ways.tcp_port:
        offered.append(f"TCP {at(ways.address, ways.tcp_port)}")
    said = ", ".join([*offered, *ways.relay_urls])
    if not ways.tcp_port and not ways.turn_tls_port:
        advice = "set ice_tcp_port or turn_tls_port"
        told = f"{said}: nothing for browsers that cannot send UDP"
        return Finding(State.WARN, "ways to media", told, advice)
    if ways.turn_tls_port and config.certificate is None:
        advice = "set certificate and certificate_key"
        told = f"{said}: browsers use the last only with a certificate that they trust"
        return Finding(State.WARN, "ways to media", told, advice)
    return Finding(State.OK, "ways to media", said)


def check_certificate(config: Config, now: datetime) -> Iterator[Finding]:
    """It is there, goes with its key, speaks for the names, and for how long yet."""
    files, is_given = certificate_files(config), config.certificate is not None
    try:
        leaf = files.leaf
        if leaf is not None:
            _ = files.context
    except CertificatesUnusable as error:
        yield Finding(State.FAIL, "certificate", *split(error))
        return
    if leaf is None:
        missing = Finding(State.FAIL, "certificate", f"{files.chain} is not there", "put it there")
        yield missing if is_given else Finding(State.OK, "certificate", "made at the first start")
        return
    yield _life(leaf, now, is_given=is_given)
    names = [config.public_host, (config.turn_tls_address or "").rpartition(":")[0]]
    for name in filter(None, names):
        if is_given and not covers(leaf, name):
            said, advice = f"it does not name {name}", "have one issued that does"
            yield Finding(State.FAIL, "certificate", said, advice)


def _life(leaf: x509.Certificate, now: datetime, *, is_given: bool) -> Finding:
    ends_at, days = leaf.not_valid_after_utc, (leaf.not_valid_after_utc - now).days
    said = f"good until {ends_at:%Y-%m-%d}, {days} days more"
    renew = "renew it" if is_given else "start the server again to renew it"
    if now < leaf.not_valid_before_utc:
        said = f"not good before {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        return Finding(State.FAIL, "certificate", said, "set the clock")
    if ends_at <= now:
        state = State.FAIL if is_given else State.WARN
        return Finding(state, "certificate", f"ended on {ends_at:%Y-%m-%d}", renew)
    if ends_at - now < EXPIRES_SOON:
        return Finding(State.WARN, "certificate", said, renew)
    return Finding(State.OK, "certificate", said)


def covers(leaf: x509.Certificate, host: str) -> bool:
    """Whether a certificate names a host, itself or by `*.` and the name above."""
    try:
        named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        return ip_address(host) in named.get_values_for_type(x509.IPAddress)
    except ValueError:
        names = [name.lower() for name in named.get_values_for_type(x509.DNSName)]
    return host in names or f"*.{host.partition('.')[2]}" in names
