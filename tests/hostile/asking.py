"""Knocking at every door that a server has, with whatever one holds."""

import ssl
import urllib.error
import urllib.request

import pytest
from support.gates import ShutOut, line
from support.server import Server


def shut_out(server: Server, ticket: str, **asked: str) -> ShutOut:
    with pytest.raises(ShutOut) as refused, line(server.ready.browser_url, ticket, **asked):
        pass
    return refused.value


def validated(server: Server, ticket: str) -> int:
    url = f"{server.ready.browser_url}calling/v1/media/rtc/v1/validate?access_token={ticket}"
    return _ask(url, None, None)[0]


def everywhere(
    server: Server, path: str, token: str, *, body: bytes = b"{}", shown: bool = False
) -> list[bytes]:
    """What both listeners say to someone with a good token of the engine: bodies, or statuses."""
    answers = [
        _ask(f"{base}{path}?access_token={token}", token, sent, ca=str(server.ready.ca))
        for base in (server.ready.browser_url, server.ready.endpoint)
        for sent in (None, body)
    ]
    return [str(status).encode() if shown else said for status, said in answers]


def engine_words(server: Server, path: str, token: str) -> list[bytes]:
    answers = everywhere(server, path, token)
    words = (b"rooms", b"success", b"twirp", b"join_request", b"livekit", b"requested room")
    return [said for said in answers if any(word in said for word in words)]


def _ask(
    url: str, token: str | None, body: bytes | None, *, ca: str | None = None
) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    trust = ssl.create_default_context(cafile=ca)
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(
            request, timeout=5, context=trust if url.startswith("https") else None
        ) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()
