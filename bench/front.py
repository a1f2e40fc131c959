"""A door in front of a program that listens on loopback: passes bytes on, out of TLS where a certificate is given.

python bench/front.py ADDRESS:PORT TARGET_PORT [CERTIFICATE KEY]
"""

import asyncio
import ssl
import sys
from contextlib import suppress

LARGEST = 65_536


async def pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(LARGEST):
            sink.write(data)
            await sink.drain()
    with suppress(OSError):
        sink.close()


async def keep(door: str, target: int, certificate: list[str]) -> None:
    """Until it is ended."""
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", target)
        async with asyncio.TaskGroup() as ways:
            ways.create_task(pour(reader, outer))
            ways.create_task(pour(inner, writer))

    address, _, port = door.rpartition(":")
    server = await asyncio.start_server(enter, address, int(port), ssl=tls)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(keep(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
