"""A server that runs in a test."""

import asyncio
import os
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from openrooms.http.server import Server


@dataclass(frozen=True, slots=True)
class Running:
    """A server, where it listens, and whom its clients must trust."""

    server: Server
    port: int
    authority: Path | None

    @property
    def client_context(self) -> ssl.SSLContext | None:
        """What a client speaks with: TLS that trusts the server, or nothing for plain HTTP."""
        return ssl.create_default_context(cafile=str(self.authority)) if self.authority else None

    async def run(self, *command: str, **variables: str) -> str:
        """What another program writes, with these variables in its environment."""
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | variables, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(30):
            output, _ = await process.communicate()
        return output.decode().strip()

    async def run_python(self, script: str, **variables: str) -> str:
        return await self.run(sys.executable, "-c", script, **variables)
