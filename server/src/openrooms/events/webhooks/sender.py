"""Sends one request to an address that a webhook's name leads to, and nowhere else.

The name is resolved once for each request. Unless every address that it has is one that events may
be sent to, none is connected to; the name stays what the certificate and `Host` are about.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import httpx2

from openrooms.events.webhooks.addresses import Networks, may_reach
from openrooms.events.webhooks.model import LONGEST_FAILURE, Failure, Target
from openrooms.events.webhooks.names import Names
from openrooms.kernel.coroutines import in_task

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
Trust: TypeAlias = Callable[[], ssl.SSLContext]

MOST_ADDRESSES = 4
MOST_CONNECTIONS = 64
LONGEST_ANSWER = 64 * 1024


class Unsent(Exception):
    """A request has failed without an answer."""

    def __init__(self, why: str, *, away: bool = False, late: bool = False) -> None:
        super().__init__(why)
        self.failure = Failure(_plain(why)[:LONGEST_FAILURE], away=away, late=late)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds: for a connection, and for all of a request."""

    connect: float = 10.0
    whole: float = 30.0

    @classmethod
    def of(cls, seconds: float) -> "Patience":
        """So long for all of it, and a third of that for a connection: there may be another address."""
        return cls(seconds / 3, seconds)


class Reply(NamedTuple):
    """An answer. Names of headers are in lower case; `body` as far as it was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes = b""
    # Whether the answer's body is wanted.
    wants_body: bool = False


class Sender:
    """The one way out. `allowed`: networks that are not public, and may be reached all the same."""

    def __init__(
        self,
        allowed: Networks = (),
        *,
        resolve: Resolve | None = None,
        trust: Trust = ssl.create_default_context,
        patience: Patience = Patience(),
    ) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve or Names().look_up
        self._trust = trust
        self._patience = patience
        self._client: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def send(self, request: Request) -> Reply:
        """The answer. Raises `Unsent`."""
        await in_task()
        try:
            async with asyncio.timeout(self._patience.whole):
                addresses = await self._addresses(request.target)
                return await self._try_each(request, addresses)
        except TimeoutError:
            raise Unsent("no answer in time", late=True) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
            away = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | OSError)
            late = isinstance(error, httpx2.TimeoutException)
            raise Unsent(f"{type(error).__name__} {error}", away=away, late=late) from error

    async def _addresses(self, target: Target) -> Sequence[str]:
        try:
            found = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise Unsent("its name leads to no address", away=True) from None
        if not found:
            raise Unsent("its name leads to no address", away=True)
        if not all(may_reach(address, self._allowed) for address in found):
            raise Unsent("it leads to an address that events may not be sent to")
        if target.scheme == "http" and any(may_reach(address, ()) for address in found):
            raise Unsent("plain http:// is for networks that `webhook_networks` allows")
        return found[:MOST_ADDRESSES]

    async def _try_each(self, request: Request, addresses: Sequence[str]) -> Reply:
        *others, last = addresses
        for address in others:
            try:
                return await self._exchange(request, address)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._exchange(request, last)

    async def _exchange(self, request: Request, address: str) -> Reply:
        target = request.target
        where = f"[{address}]" if ":" in address else address
        client = await self._opened()
        async with client.stream(
            request.method,
            f"{target.scheme}://{where}:{target.port}{target.path}",
            headers={
                **request.headers,
                "host": target.authority,
                "accept-encoding": "identity",
                "user-agent": "OpenRooms",
            },
            content=request.body,
            extensions={"sni_hostname": target.host},
        ) as answer:
            body = await _beginning(answer) if request.wants_body else b""
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, headers, body)

    async def _opened(self) -> httpx2.AsyncClient:
        async with self._opening:
            if self._client is None:
                # Certificates of the system take time and memory to load: where there is a webhook.
                self._client = self._made(await asyncio.to_thread(self._trust))
            return self._client

    def _made(self, trusted: ssl.SSLContext) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            verify=trusted,
            # Where events go is decided here: no proxy of the environment, no redirect.
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(self._patience.whole, connect=self._patience.connect),
            # None is kept: one made for a name must not serve another that has its address.
            limits=httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=0),
        )


async def _beginning(answer: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > LONGEST_ANSWER:
            raise Unsent("its answer is too long")
    return bytes(body)


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
