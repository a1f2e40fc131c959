"""The three links that a first start prints: two people meet, the third is refused."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.browser import Town
from support.composite import Guest
from support.likeness import DOCTOR, PATIENT, STRANGER, Likeness
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
def three(demo: Server, people: Town) -> list[Guest]:
    """Three people, each with the link of his own opened as it was printed."""
    faces = (DOCTOR, PATIENT, STRANGER)
    links = demo.ready.demo["links"]
    return [
        _follow(demo, people, face=face, link=link) for face, link in zip(faces, links, strict=True)
    ]


def _follow(demo: Server, people: Town, *, face: Likeness, link: Mapping[str, str]) -> Guest:
    demo.secrets.add("user token", parse_qs(urlsplit(link["url"]).fragment)["token"][0])
    who = Guest(people.call(face))
    who.follow(link["url"])
    return who


def test_the_first_two_meet_and_the_third_is_refused(three: list[Guest]) -> None:
    first, second, third = three

    first.enter()
    second.enter()
    third.prepare("camera")
    third.start()

    third.is_in("ended", within=MET_WITHIN)
    assert third.numbers == "403/5828"
    took = first.sees(PATIENT, within=MET_WITHIN) + second.sees(DOCTOR, within=MET_WITHIN)
    figure("demo links: both see each other", took, at_most=MET_WITHIN, unit="s")
    assert first.hears(PATIENT) + second.hears(DOCTOR) < MET_WITHIN


def test_nothing_of_a_link_stays_in_the_address_bar(three: list[Guest]) -> None:
    addresses = [who.page.url for who in three]

    assert [urlsplit(address).fragment for address in addresses] == ["", "", ""]


def test_the_demo_room_is_the_same_after_a_restart(tmp_path: Path) -> None:
    server = Server(tmp_path / "server", "--demo")
    before = server.start().demo
    server.stop()

    after = server.start().demo

    assert after["roomId"] == before["roomId"]
    assert [link["name"] for link in after["links"]] == [link["name"] for link in before["links"]]
    server.close()
