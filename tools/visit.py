"""Uses a started server as its first user does: its pages, the Rooms SDK, and its three links."""

import os
import ssl
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from azure.communication.rooms import RoomsClient
from support.browser import Person, Town, stage
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT, STRANGER

from tools.terminal import Stuck

PATIENCE = 20.0
NOT_INVITED = ("403", "5828")


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
    """Both pages are there."""
    for path in ("", "call"):
        with urllib.request.urlopen(browser_url + path, timeout=10) as answer:
            if b"<html" not in answer.read().lower():
                raise Stuck(f"{browser_url}{path} is no page.")
    return "GET / and /call: pages"


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
            doctor, patient, stranger = (town.call(one) for one in (DOCTOR, PATIENT, STRANGER))
            for person, link in ((doctor, links[0]), (patient, links[1])):
                press_join(person, link)
                wait_for("being in the call", partial(in_call, person), within=PATIENCE)
            for person in (doctor, patient):
                wait_for("the other's picture", partial(sees, person), within=PATIENCE)
            yield "links 1 and 2: doctor and patient see each other"
            press_join(stranger, links[2])
            reason, _ = wait_for("the refusal", lambda: refusal(stranger), within=PATIENCE)
            if reason != NOT_INVITED:
                raise Stuck(
                    f"The stranger was told {'/'.join(reason)}, not {'/'.join(NOT_INVITED)}."
                )
            yield f"link 3: the stranger is refused with {'/'.join(reason)}"
        finally:
            town.empty()


def press_join(person: Person, link: str) -> None:
    """Follow the link, see oneself, and press Join."""
    person.page.goto(link)
    preview = person.page.locator('[data-testid="preview"] video')
    wait_for("the own picture", preview.is_visible, within=PATIENCE)
    person.page.get_by_test_id("join").click()


def in_call(person: Person) -> bool:
    return person.page.get_by_test_id("leave").is_visible()


def sees(person: Person) -> bool:
    """Whether somebody else's camera shows frames in a tile."""
    tiles: list[Mapping[str, str]] = person.evaluate("probe.tiles()")
    return any(
        (person.evaluate("([id]) => probe.picture(id, 'tile')", [tile["rawId"]]) or {}).get(
            "frames", 0
        )
        for tile in tiles
        if "rawId" in tile
    )


def refusal(person: Person) -> tuple[str, str] | None:
    """Code and subCode that the page shows, once it does."""
    box = person.page.get_by_test_id("end-reason")
    if not box.is_visible():
        return None
    return box.get_attribute("data-code") or "", box.get_attribute("data-sub-code") or ""
