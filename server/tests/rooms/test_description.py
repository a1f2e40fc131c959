"""What the Rooms API says of itself is what it does."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.held import described, hold, operation, operations_of, taken
from tests.identity.house import Backend, House
from tests.rooms.office import person

from openrooms.http.description import Described
from openrooms.http.paging import NextLinks
from openrooms.rooms import wire
from openrooms.rooms.description import description
from openrooms.rooms.errors import MalformedRequest
from openrooms.rooms.model import Role, parse_role
from openrooms.rooms.routes import RoomsRoutes

ROOMS = description()
VERSIONS = ROOMS.versions.supported
# What no database may hold is refused in any text (bodies).
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
ANYTHING: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner),
    max_leaves=4,
)
MOMENTS = st.datetimes().map(lambda at: f"{at.isoformat(timespec='microseconds')}Z")
ROLES = st.sampled_from([role.value for role in Role]) | ANYTHING.filter(
    # Letter case is forgiven, which the description does not promise.
    lambda value: not (isinstance(value, str) and parse_role(value) is not None)
)
ENTRIES = st.none() | st.fixed_dictionaries({}, optional={"role": ROLES}) | ANYTHING
ROSTERS = st.dictionaries(TEXTS, ENTRIES, max_size=3) | ANYTHING
FLAGS = st.none() | st.booleans() | ANYTHING
ENDS = MOMENTS | st.none() | ANYTHING.filter(lambda value: not isinstance(value, str))
WINDOWS = {"validFrom": ENDS, "validUntil": ENDS, "pstnDialOutEnabled": FLAGS}
NEW_ROOMS = st.fixed_dictionaries({}, optional={**WINDOWS, "participants": ROSTERS}) | ANYTHING
CHANGES = st.fixed_dictionaries({}, optional=WINDOWS) | ANYTHING
ROSTER_CHANGES = st.fixed_dictionaries({}, optional={"participants": ROSTERS}) | ANYTHING

CREATE, UPDATE, INVITE = (
    operation(ROOMS, name) for name in ("Rooms_Create", "Rooms_Update", "Participants_Update")
)


def is_described(document: object, one: Described, version: str) -> bool:
    return taken(ROOMS, version, one).is_valid(document)


def is_taken(document: object, one: Described, version: str) -> bool:
    body = json.dumps(document).encode()
    try:
        if one is CREATE:
            wire.read_new_room(body, version)
        elif one is UPDATE:
            wire.read_room_change(body)
        else:
            wire.read_roster_change(body, version)
    except MalformedRequest:
        return False
    return True


@pytest.mark.anyio
async def test_the_description_has_the_operations_of_the_routes(house: House) -> None:
    routes = RoomsRoutes(house.rooms, house.clock, NextLinks(b"key", lambda _: "https://x"))

    assert described(ROOMS) == operations_of((routes.api,))


@given(NEW_ROOMS, st.sampled_from(VERSIONS))
def test_a_new_room_is_taken_exactly_when_the_description_allows_it(
    document: object, version: str
) -> None:
    assert is_taken(document, CREATE, version) == is_described(document, CREATE, version)


@given(CHANGES, st.sampled_from(VERSIONS))
def test_a_change_is_taken_exactly_when_the_description_allows_it(
    document: object, version: str
) -> None:
    assert is_taken(document, UPDATE, version) == is_described(document, UPDATE, version)


@given(ROSTER_CHANGES, st.sampled_from(VERSIONS))
def test_a_roster_change_is_taken_exactly_when_the_description_allows_it(
    document: object, version: str
) -> None:
    assert is_taken(document, INVITE, version) == is_described(document, INVITE, version)


@pytest.mark.anyio
@pytest.mark.parametrize("version", VERSIONS)
async def test_every_operation_answers_as_described(house: House, version: str) -> None:
    backend = house.backend(version)
    sent = {"participants": {person(1): {"role": "Presenter"}}}

    created = hold(await backend.send("POST", "/rooms", sent), ROOMS, version, name="Rooms_Create")

    room = f"/rooms/{created.json()['id']}"
    roster = f"{room}/participants"
    steps = [
        ("Rooms_Get", await backend.send("GET", room)),
        ("Rooms_List", await backend.send("GET", "/rooms")),
        ("Rooms_Update", await backend.send("PATCH", room, {})),
        ("Participants_Update", await backend.send("PATCH", roster, {})),
        ("Participants_List", await backend.send("GET", roster)),
        ("Rooms_Delete", await backend.send("DELETE", room)),
    ]
    answers = [hold(answer, ROOMS, version, name=name) for name, answer in steps]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 204]


@pytest.mark.anyio
async def test_a_page_has_its_link_as_described(house: House) -> None:
    version = "2025-03-13"
    backend = house.backend(version)
    for _ in range(31):
        await backend.send("POST", "/rooms", {})

    page = hold(await backend.send("GET", "/rooms"), ROOMS, version, name="Rooms_List")

    assert page.json()["nextLink"].startswith("https://")


REFUSALS = [
    ("Rooms_Create", "POST", "/rooms", {"validUntil": "2020-01-01T00:00:00Z"}, 400),
    ("Rooms_Create", "POST", "/rooms", {"participants": {person(1): {"role": "King"}}}, 400),
    ("Rooms_Get", "GET", "/rooms/short", None, 400),
    ("Rooms_Get", "GET", "/rooms/99400000000000001", None, 404),
    ("Rooms_Update", "PATCH", "/rooms/99400000000000001", {}, 404),
    ("Rooms_Delete", "DELETE", "/rooms/99400000000000001", None, 404),
    ("Rooms_List", "GET", "/rooms?nextLink=damaged", None, 400),
    ("Participants_List", "GET", "/rooms/99400000000000001/participants", None, 404),
    ("Participants_Update", "PATCH", "/rooms/99400000000000001/participants", {}, 404),
    ("Participants_Update", "PATCH", "/rooms/99400000000000001/participants", b"{", 400),
    ("Rooms_Create", "POST", "/rooms", b" " * 2_000_000, 413),
]


@pytest.mark.anyio
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("refused", REFUSALS)
async def test_every_refusal_is_as_described(
    house: House, version: str, refused: tuple[str, str, str, object, int]
) -> None:
    name, method, target, sent, status = refused

    answer = await house.backend(version).send(method, target, sent)

    assert hold(answer, ROOMS, version, name=name).status_code == status


OLD = "Sun, 22 Nov 2020 09:30:00 GMT"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Repeatability-Request-ID": "not a UUID", "Repeatability-First-Sent": OLD}, 400),
        ({"Repeatability-Request-ID": str(UUID(int=1)), "Repeatability-First-Sent": OLD}, 412),
    ],
)
async def test_headers_are_refused_as_described(
    house: House, headers: dict[str, str], status: int
) -> None:
    answer = await house.backend("2025-03-13").send("POST", "/rooms", {}, headers=headers)

    assert hold(answer, ROOMS, "2025-03-13", name="Rooms_Create").status_code == status


@pytest.mark.anyio
async def test_a_stranger_is_refused_as_described(house: House) -> None:
    known = house.backend("2025-03-13")
    stranger = Backend(house.client, house.clock, b"another key", "2025-03-13")

    answer = await stranger.send("GET", "/rooms")

    assert known.key != stranger.key
    assert hold(answer, ROOMS, "2025-03-13", name="Rooms_List").status_code == 401
