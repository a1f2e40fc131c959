"""URLs of this server, as people and programs write them."""

from contextlib import suppress
from ipaddress import ip_address

DEFAULT_PORTS = {"https": 443, "http": 80}


def url(scheme: str, host: str, port: int) -> str:
    """The URL without a path; the port is left out where it is the scheme's own."""
    with suppress(ValueError):
        host = f"[{host}]" if ip_address(host).version == 6 else host
    return f"{scheme}://{host}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"
