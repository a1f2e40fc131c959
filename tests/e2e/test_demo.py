"""The three links that a first start prints: two people meet, the third is refused."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.browser import Town
from support.callpage import Caller, meet
from support.likeness import DOCTOR, PATIENT, STRANGER, Likeness
from support.office import User
from support.report import figure
from support.scenes import MET_WITHIN
from support.server import Server


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("demo"), "--demo")
    made.start()
    yield made
    made.close()


@pytest.fixture
def three(demo: Server, people: Town) -> list[Caller]:
    """Three people, each with the link of his own opened as it was printed."""
    faces = (DOCTOR, PATIENT, STRANGER)
    links = demo.ready.demo["links"]
    return [
        _follow(demo, people, face=face, link=link) for face, link in zip(faces, links, strict=True)
    ]


def _follow(demo: Server, people: Town, *, face: Likeness, link: Mapping[str, str]) -> Caller:
    held = {name: values[0] for name, values in parse_qs(urlsplit(link["url"]).fragment).items()}
    demo.secrets.add("user token", held["token"])
    payload = held["token"].split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    user = User(f"8:{claims['skypeid']}", held["token"])
    who = Caller(people.call(face), demo, user=user, name=held["name"])
    who.follow(link["url"])
    return who


def test_the_first_two_meet_and_the_third_is_refused(three: list[Caller]) -> None:
    first, second, third = three

    first.enter()
    second.enter()
    third.press("join")

    assert third.is_told(within=MET_WITHIN).numbers == "403/5828"
    took = meet((first, second), within=MET_WITHIN)
    figure("demo links: both see and hear each other", took, at_most=MET_WITHIN, unit="s")
    assert (first.role, second.role) == ("Presenter", "Attendee")
    assert [tile["name"] for tile in first.tiles()] == [second.name]


def test_nothing_of_a_link_stays_in_the_address_bar(three: list[Caller]) -> None:
    addresses = [who.person.page.url for who in three]

    assert [urlsplit(address).fragment for address in addresses] == ["", "", ""]


def test_the_demo_room_is_the_same_after_a_restart(tmp_path: Path) -> None:
    server = Server(tmp_path / "server", "--demo")
    before = server.start().demo
    server.stop()

    after = server.start().demo

    assert after["roomId"] == before["roomId"]
    assert [link["name"] for link in after["links"]] == [link["name"] for link in before["links"]]
    server.close()
