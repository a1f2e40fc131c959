"""A path finds its operation, and never another one's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.errors import MalformedBody, MethodNotAllowed, RouteNotFound
from openrooms.http.headers import Headers
from openrooms.http.routing import Answer, Incoming, Operation, Routes, fit, split_path


async def run(incoming: Incoming) -> Answer:
    return Answer(204)


ROOM = Operation("GET", "/rooms/{room_id}", run)
DELETE = Operation("DELETE", "/rooms/{room_id}", run)
ALL = Operation("PUT", "/rooms/all", run)
ISSUE = Operation("POST", "/identities/{id}/:issueAccessToken", run)
ROUTES = Routes([ROOM, DELETE, ALL, ISSUE])


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/rooms", ("rooms",)),
        ("/rooms/99", ("rooms", "99")),
        ("/identities/8%3Aacs%3Aa_b", ("identities", "8:acs:a_b")),
        ("/rooms/%2e%2e/identities", ("rooms", "..", "identities")),
        ("/rooms/1%2F2", None),
        ("//rooms", None),
        ("/rooms//participants", None),
        ("/rooms/", None),
        ("/", None),
        ("", None),
        ("rooms", None),
        ("*", None),
        ("/rooms/%ff", None),
    ],
)
def test_a_path_is_split_before_it_is_decoded(path: str, segments: tuple[str, ...] | None) -> None:
    found = split_path(path)

    assert (None if found is None else tuple(found)) == segments


@given(st.text(max_size=60))
def test_no_segment_ever_holds_a_slash(path: str) -> None:
    assert all("/" not in segment for segment in split_path(f"/{path}") or ())


def test_an_operation_fits_its_own_path_alone() -> None:
    assert fit(ROOM.segments, ("rooms", "99")) == {"room_id": "99"}
    assert fit(ROOM.segments, ("Rooms", "99")) is None
    assert fit(ISSUE.segments, ("identities", "8:acs:x", ":issueAccessToken")) == {"id": "8:acs:x"}


def test_a_path_and_a_method_find_their_operation() -> None:
    assert ROUTES.find("/rooms/99", "GET") == (ROOM, {"room_id": "99"})
    assert ROUTES.find("/rooms/99", "DELETE") == (DELETE, {"room_id": "99"})
    assert ROUTES.find("/rooms/all", "PUT") == (ALL, {})
    assert ROUTES.find("/rooms/all", "GET") == (ROOM, {"room_id": "all"})


@pytest.mark.parametrize("path", ["/rooms", "/Rooms/99", "/rooms/99/participants", "/rooms/1%2F2"])
def test_a_path_of_nothing_is_not_found(path: str) -> None:
    with pytest.raises(RouteNotFound):
        ROUTES.find(path, "GET")


def test_a_method_that_the_path_does_not_know_is_told_the_others() -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        ROUTES.find("/rooms/all", "POST")

    assert refused.value.headers == {"Allow": "GET, DELETE, PUT"}


def test_an_incoming_request_gives_its_query_and_its_document() -> None:
    incoming = Incoming(
        "r", "GET", "/rooms", "v", {}, [("a", "1"), ("a", "2")], Headers([]), b'{"x": 1}'
    )

    assert (incoming.ask("a"), incoming.ask("b")) == ("1", None)
    assert incoming.document == {"x": 1}


def test_an_empty_body_is_no_document() -> None:
    with pytest.raises(MalformedBody):
        _ = Incoming("r", "POST", "/rooms", "v", {}, [], Headers([]), b"").document
