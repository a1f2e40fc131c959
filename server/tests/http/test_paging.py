"""Links to next pages: what they look like, and that only ours are followed."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.paging import InvalidNextLink, NextLinks

LINKS = NextLinks(b"k" * 32, lambda _: "https://rooms.example:8443")
OURS, THEIRS = "resource-a", "resource-b"


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["nextLink"][0]


GOOD = token_of(LINKS.write("/rooms", "somewhere", resource_id=OURS, version="2025-03-13"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_position_is_read_as_it_was_written(position: str) -> None:
    link = LINKS.write("/rooms", position, resource_id=OURS, version="2025-03-13")

    assert LINKS.read("/rooms", token_of(link), resource_id=OURS) == position


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_link_has_no_character_that_a_client_could_write_otherwise(position: str) -> None:
    link = LINKS.write("/rooms", position, resource_id=OURS, version="2025-03-13")

    assert re.fullmatch(
        r"https://rooms\.example:8443/rooms\?nextLink=[A-Za-z0-9_-]+&api-version=2025-03-13", link
    )


@pytest.mark.parametrize(
    ("path", "token", "resource_id"),
    [
        ("/rooms", "", OURS),
        ("/rooms", "A", OURS),
        ("/rooms", "AAAA", OURS),
        ("/rooms", "é", OURS),
        ("/rooms", GOOD[:-1], OURS),
        ("/rooms", GOOD + "=", OURS),
        ("/rooms", GOOD[:9] + "!" + GOOD[9:], OURS),
        ("/rooms", GOOD + " ", OURS),
        ("/rooms", GOOD, THEIRS),
        ("/others", GOOD, OURS),
    ],
)
def test_a_token_that_is_not_ours_or_not_for_this_list_is_refused(
    path: str, token: str, resource_id: str
) -> None:
    with pytest.raises(InvalidNextLink):
        LINKS.read(path, token, resource_id=resource_id)


@given(st.integers(0, len(GOOD) - 1), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0189-_"))
def test_one_changed_character_spoils_a_token(place: int, letter: str) -> None:
    changed = GOOD[:place] + ("." if GOOD[place] == letter else letter) + GOOD[place + 1 :]

    with pytest.raises(InvalidNextLink):
        LINKS.read("/rooms", changed, resource_id=OURS)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(InvalidNextLink):
        NextLinks(b"x" * 32, lambda _: "https://rooms.example").read(
            "/rooms", GOOD, resource_id=OURS
        )
