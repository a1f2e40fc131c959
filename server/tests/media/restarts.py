"""Seeing an engine being started again."""

import asyncio

from openrooms.media.beacon import Beacon


async def restarted(beacon: Beacon) -> asyncio.Event:
    """Set once a new engine took over."""
    event = asyncio.Event()

    async def take() -> None:
        event.set()

    beacon.watch(take)
    return event
