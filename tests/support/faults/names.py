"""Sends events by names, in a network of its own whose name server never answers about some of them.

Run as a program, as root of a network and of mounts that nobody else sees, with a folder: says in JSON what
became of the request to a name that is answered while many wait for names that are not.
"""

import asyncio
import json
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

from openrooms.events.webhooks.model import parse_url
from openrooms.events.webhooks.sender import Patience, Request, Sender, Unsent
from openrooms.setting_values import LOOPBACK_NETWORKS
from support.receiver import receiving

SLOW = 32
PATIENCE = Patience(connect=1, whole=4)
HEAD, ADDRESS = 12, 1


def answer(asked: bytes) -> bytes | None:
    """127.0.0.1 for every name, and no address of another family; None for names that begin with "slow"."""
    if asked[HEAD + 1 :].startswith(b"slow"):
        return None
    end = asked.index(b"\0", HEAD) + 5
    (kind,) = struct.unpack("!H", asked[end - 4 : end - 2])
    found = int(kind == ADDRESS)
    head = asked[:2] + struct.pack("!HHHHH", 0x8180, 1, found, 0, 0)
    record = struct.pack("!HHHIH4s", 0xC00C, ADDRESS, 1, 0, 4, socket.inet_aton("127.0.0.1"))
    return head + asked[HEAD:end] + record * found


def serve(server: socket.socket) -> None:
    while True:
        asked, who = server.recvfrom(512)
        told = answer(asked)
        if told is not None:
            server.sendto(told, who)


async def send(sender: Sender, url: str, name: str) -> str:
    """What became of it."""
    try:
        target = parse_url(url)._replace(host=name)
        return str((await sender.send(Request("POST", target, {}, b"{}"))).status)
    except Unsent as unsent:
        return unsent.failure.why


async def try_all(url: str) -> dict[str, object]:
    sender = Sender(LOOPBACK_NETWORKS, patience=PATIENCE)
    # Certificates and all else that comes with a first request.
    await send(sender, url, "first.example")
    async with asyncio.TaskGroup() as group:
        slow = [group.create_task(send(sender, url, f"slow{one}.example")) for one in range(SLOW)]
        await asyncio.sleep(0)
        begun = monotonic()
        quick = await send(sender, url, "quick.example")
        took = monotonic() - begun
    await sender.close()
    return {"quick": quick, "seconds": took, "slow": [one.result() for one in slow]}


def main(folder: Path) -> None:
    subprocess.run(("ip", "link", "set", "lo", "up"), check=True)
    settings = folder / "resolv.conf"
    settings.write_text("nameserver 127.0.0.1\n")
    subprocess.run(("mount", "--bind", settings, "/etc/resolv.conf"), check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, receiving() as receiver:
        server.bind(("127.0.0.1", 53))
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        print(json.dumps(asyncio.run(try_all(receiver.url))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
