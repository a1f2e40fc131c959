"""Uses a started server as its first user does: its pages, the Rooms SDK, and its three links."""

import os
import ssl
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from azure.communication.rooms import RoomsClient
from support.browser import Town, stage
from support.composite import Guest
from support.likeness import DOCTOR, PATIENT, STRANGER

from tools.terminal import Stuck

PATIENCE = 20.0
NOT_INVITED = "403/5828"


def visit(connection_string: str, ca: Path, links: Sequence[str]) -> Iterator[str]:
    """Do each thing once, and tell what was done; Stuck when one does not work."""
    endpoint = connection_string.partition("endpoint=")[2].partition(";")[0]
    yield health(endpoint, ca)
    yield pages(links[0].partition("call#")[0])
    yield rooms(connection_string, ca)
    yield from meet(links)


def health(endpoint: str, ca: Path) -> str:
    """The server says over TLS, with the certificate it told us to trust, that it is well."""
    trusted = ssl.create_default_context(cafile=str(ca))
    with urllib.request.urlopen(
        f"{endpoint.rstrip('/')}/health", timeout=10, context=trusted
    ) as answer:
        return f"GET /health: {answer.status}"


def pages(browser_url: str) -> str:
    """All pages are there."""
    for path in ("", "call", "sample"):
        with urllib.request.urlopen(browser_url + path, timeout=10) as answer:
            if b"<html" not in answer.read().lower():
                raise Stuck(f"{browser_url}{path} is no page.")
    return "GET /, /call and /sample: pages"


def rooms(connection_string: str, ca: Path) -> str:
    """The official SDK makes a room, finds it in the list, and deletes it."""
    os.environ["REQUESTS_CA_BUNDLE"] = str(ca)
    with RoomsClient.from_connection_string(connection_string) as client:
        made = client.create_room()
        listed = [room.id for room in client.list_rooms()]
        client.delete_room(made.id)
    if made.id not in listed:
        raise Stuck(f"The Rooms SDK made room {made.id}, and its list does not have it.")
    return f"Rooms SDK: made, listed and deleted a room beside {len(listed) - 1} other"


def meet(links: Sequence[str]) -> Iterator[str]:
    """Doctor and patient see each other; the stranger is refused, with the reason."""
    with tempfile.TemporaryDirectory() as folder, stage() as playwright:
        town = Town(playwright, Path(folder))
        try:
            doctor, patient, stranger = (
                Guest(town.call(one)) for one in (DOCTOR, PATIENT, STRANGER)
            )
            for guest, link in ((doctor, links[0]), (patient, links[1])):
                guest.follow(link)
                guest.enter(within=PATIENCE)
            doctor.sees(PATIENT, within=PATIENCE)
            patient.sees(DOCTOR, within=PATIENCE)
            yield "links 1 and 2: doctor and patient see each other"
            stranger.follow(links[2])
            stranger.prepare("camera")
            stranger.start()
            stranger.is_in("ended", within=PATIENCE)
            if stranger.numbers != NOT_INVITED:
                raise Stuck(f"The stranger was told {stranger.numbers}, not {NOT_INVITED}.")
            yield f"link 3: the stranger is refused with {NOT_INVITED}"
        finally:
            town.empty()
