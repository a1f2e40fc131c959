"""The HTTP client for an engine, which is on this machine and speaks plain HTTP."""

import ssl

import httpx2

LIMITS = httpx2.Limits(max_connections=32, max_keepalive_connections=8, keepalive_expiry=30)


def local_client(*, timeout: float | None) -> httpx2.AsyncClient:
    """A client that no setting of the environment sends elsewhere. `timeout` in seconds; None: no limit.

    It trusts no certificate: those of the system take time and memory to load, and are never met.
    """
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.AsyncClient(limits=LIMITS, trust_env=False, timeout=timeout, verify=nobody)
