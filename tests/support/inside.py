"""The service in this very process, so that a test can hold it still where it chooses to."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openrooms.app import Site, open_site
from openrooms.config import read_config
from support.secrets import Secrets
from support.server import Ready, choose_ports

WITHIN = 30.0


class Inside:
    """A running service, for what needs a `Server`'s ready line, secrets and data directory."""

    def __init__(self, site: Site, data: Path) -> None:
        self.data = data
        self.secrets = Secrets()
        self.ready = Ready(
            connection_string=site.connection_string,
            endpoint=site.endpoint,
            browser_url=site.browser_url,
            ca=site.authority,
            calling_sdk=site.sdk.calling or "",
            effects_sdk=site.sdk.effects or "",
            demo={},
            version="",
        )


@contextmanager
def inside(folder: Path) -> Iterator[Inside]:
    """Run the service on a thread of its own for as long as the block lasts."""
    opened: list[Site] = []
    up, stop = threading.Event(), threading.Event()
    ports = choose_ports()
    data = folder / "data"
    config = read_config(
        {
            "data": str(data),
            "https_port": str(ports.https),
            "http_port": str(ports.http),
            "media_port": str(ports.media),
            "probe_seconds": "0",
        },
        environ={"HOME": str(folder)},
    )

    async def serve() -> None:
        try:
            async with open_site(config) as site:
                opened.append(site)
                up.set()
                await asyncio.to_thread(stop.wait)
        finally:
            up.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert up.wait(WITHIN), "the service did not start"
        assert opened, "the service ended at its start"
        yield Inside(opened[0], data)
    finally:
        stop.set()
        thread.join(WITHIN)


class Hold:
    """A place in the service where the next call waits until it is let go."""

    def __init__(self) -> None:
        self._armed = False
        self._reached = threading.Event()
        self._go = threading.Event()

    def arm(self) -> None:
        self._armed = True

    def reached(self) -> None:
        """Wait until the service stands there."""
        assert self._reached.wait(WITHIN), "the service never came to the hold"

    def let_go(self) -> None:
        self._go.set()

    async def stand(self) -> None:
        """For the service: wait here, if this is the armed time."""
        if not self._armed:
            return
        self._armed = False
        self._reached.set()
        await asyncio.to_thread(self._go.wait, WITHIN)


def held(act: Callable[..., Awaitable[object]], *, before: Hold, after: Hold) -> object:
    """The same function, with a hold before it begins and one after it is done."""

    async def act_held(*given: object, **named: object) -> object:
        await before.stand()
        done = await act(*given, **named)
        await after.stand()
        return done

    return act_held
