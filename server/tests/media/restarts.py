"""Seeing an engine being started again."""

import asyncio

from openrooms.media.process import Supervisor


async def restarted(supervisor: Supervisor) -> asyncio.Event:
    """Set once a new engine took over."""
    event = asyncio.Event()

    async def take() -> None:
        event.set()

    supervisor.watch(take)
    return event
