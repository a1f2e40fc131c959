"""What an operator does with resources: made, reached, rotated, deleted."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from tests.clock import HandClock
from tests.identity.house import START, Backend, House

from openrooms.identity import errors
from openrooms.identity.errors import (
    HasRooms,
    HostNameTaken,
    InvalidHostName,
    InvalidName,
    LastResource,
    NameTaken,
    NoSuchResource,
    TooManyUnnamed,
    WhichResource,
)
from openrooms.identity.model import MOST_UNNAMED, Resource
from openrooms.identity.resources import Resources, open_resources
from openrooms.kernel.access_keys import WhichKey
from openrooms.storage.database import Database
from openrooms.storage.secrets import Vault

pytestmark = pytest.mark.anyio

ROOMS = "2025-03-13"
FIRST_SENT = {"Repeatability-First-Sent": "Sun, 22 Nov 2026 09:30:00 GMT"}
REPEAT = {"Repeatability-Request-Id": "5fa0c7bb-1111-4444-8888-0123456789ab"} | FIRST_SENT


def at(backend: Backend, host: str) -> Backend:
    """The same server, which knows us under another name."""
    return replace(backend, host=host)


async def status(backend: Backend, target: str = "/rooms") -> int:
    return (await backend.send("GET", target)).status_code


async def make_room(backend: Backend, **headers: str) -> str:
    answer = await backend.send("POST", "/rooms", {}, headers=headers)
    assert answer.status_code == 201
    return str(answer.json()["id"])


@pytest.fixture
async def clinic(house: House) -> Resource:
    """A second resource without a host name."""
    return await house.resources.create("clinic")


@pytest.fixture
def ours(house: House) -> Backend:
    return house.backend(ROOMS)


@pytest.fixture
def theirs(house: House, clinic: Resource) -> Backend:
    return house.backend(ROOMS, key=clinic.primary_key)


# making, finding


async def test_a_new_resource_is_live_at_once_with_both_keys(house: House) -> None:
    made = await house.resources.create("clinic")

    assert made.host_names == ()
    for key in made.access_keys:
        assert await status(house.backend(ROOMS, key=key)) == 200
    assert await status(house.backend(ROOMS)) == 200


async def test_a_resource_is_found_by_name_and_by_id(house: House, clinic: Resource) -> None:
    assert house.resources.find("clinic") == clinic
    assert house.resources.find(clinic.id) == clinic
    with pytest.raises(NoSuchResource, match="resource list"):
        house.resources.find("clinics")
    with pytest.raises(WhichResource):
        house.resources.find(None)


async def test_the_only_resource_need_not_be_named(database: Database) -> None:
    resources = await open_resources(database, Vault(b"k" * 32), HandClock(START))

    assert resources.find(None) is resources.first


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a.b", "ä", "a\n", "x" * 64])
async def test_a_name_that_cannot_be_is_refused(house: House, name: str) -> None:
    with pytest.raises(InvalidName, match="lower-case letters"):
        await house.resources.create(name)


async def test_a_name_is_given_once(house: House, clinic: Resource) -> None:
    with pytest.raises(NameTaken, match=clinic.name):
        await house.resources.create(clinic.name)

    assert await house.count("resource") == 3


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "https://x",
        "x:443",
        "x/",
        "-x",
        "x.",
        "1.2.3",
        "256.1.1.1",
        "ä.example",
        "a\n",
        "fe80::1%eth0",
    ],
)
async def test_a_host_name_that_cannot_be_is_refused(house: House, host: str) -> None:
    with pytest.raises(InvalidHostName, match="DNS name or an IP address"):
        await house.resources.create("clinic", [host])


async def test_host_names_are_few(house: House) -> None:
    with pytest.raises(InvalidHostName, match="17 of them"):
        await house.resources.create("clinic", [f"h{number}.example" for number in range(17)])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["Clinic.Example", "clinic.example"], ("clinic.example",)),
        (["127.0.0.1"], ("127.0.0.1",)),
        (["::1"], ("[::1]",)),
        (["[0:0::1]"], ("[::1]",)),
    ],
)
async def test_host_names_are_kept_as_requests_have_them(
    house: House, given: list[str], kept: tuple[str, ...]
) -> None:
    assert (await house.resources.create("clinic", given)).host_names == kept


async def test_a_host_name_is_given_once(house: House) -> None:
    await house.resources.create("clinic", ["a.example"])

    with pytest.raises(HostNameTaken, match=r"a\.example: resource clinic"):
        await house.resources.create("other", ["b.example", "A.example"])
    with pytest.raises(HostNameTaken):
        await house.resources.set_host_names("default", ["a.example"])


async def test_resources_without_a_host_name_are_few(house: House) -> None:
    # Two are there from the start.
    for number in range(MOST_UNNAMED - 2):
        await house.resources.create(f"r{number}")

    with pytest.raises(TooManyUnnamed, match="--host"):
        await house.resources.create("one-more")
    assert (await house.resources.create("one-more", ["x.example"])).host_names == ("x.example",)
    with pytest.raises(TooManyUnnamed):
        await house.resources.set_host_names("one-more", [])


# where they are reached


async def test_a_named_resource_is_reached_under_its_names_alone(
    house: House, ours: Backend
) -> None:
    made = await house.resources.create("clinic", ["clinic.example", "b.example"])
    theirs = house.backend(ROOMS, key=made.primary_key)

    assert await status(at(theirs, "clinic.example:8443")) == 200
    assert await status(at(theirs, "B.EXAMPLE")) == 200
    assert await status(theirs) == 401
    assert await status(ours) == 200


async def test_a_key_is_no_good_under_the_name_of_another_resource(
    house: House, ours: Backend
) -> None:
    await house.resources.create("clinic", ["clinic.example"])

    assert await status(at(ours, "clinic.example")) == 401


async def test_a_name_with_a_dot_at_its_end_is_nobodys(ours: Backend) -> None:
    assert await status(at(ours, "rooms.example.:8443")) == 401


async def test_host_names_change_at_once(house: House, clinic: Resource) -> None:
    theirs = house.backend(ROOMS, key=clinic.primary_key)

    moved = await house.resources.set_host_names("clinic", ["clinic.example"])

    assert moved.host_names == ("clinic.example",)
    assert await status(theirs) == 401
    assert await status(at(theirs, "clinic.example")) == 200
    assert house.resources.host_name(clinic.id) == "clinic.example"
    await house.resources.set_host_names("clinic", [])
    assert await status(theirs) == 200
    assert house.resources.host_name(clinic.id) is None


async def test_a_change_of_host_names_is_told_and_nothing_else(house: House) -> None:
    told: list[Sequence[str]] = []

    async def moved(hosts: Sequence[str]) -> None:
        told.append(hosts)

    house.resources.on_move(moved)
    await house.resources.create("clinic", ["b.example", "a.example"])
    await house.resources.rotate_key("clinic", WhichKey.PRIMARY)
    await house.resources.create("other")
    await house.resources.delete("clinic")

    assert told == [("a.example", "b.example"), ()]


# keys


@pytest.mark.parametrize("which", list(WhichKey))
async def test_a_rotated_key_is_refused_at_once_and_the_other_goes_on(
    house: House, clinic: Resource, which: WhichKey
) -> None:
    other = WhichKey.SECONDARY if which is WhichKey.PRIMARY else WhichKey.PRIMARY

    rotated = await house.resources.rotate_key("clinic", which)

    assert rotated.key(which) != clinic.key(which)
    assert rotated.key(other) == clinic.key(other)
    assert await status(house.backend(ROOMS, key=clinic.key(which))) == 401
    assert await status(house.backend(ROOMS, key=clinic.key(other))) == 200
    assert await status(house.backend(ROOMS, key=rotated.key(which))) == 200


async def test_keys_are_in_no_log_and_no_representation(house: House) -> None:
    with capture_logs() as logs:
        made = await house.resources.create("clinic", ["clinic.example"])
        rotated = await house.resources.rotate_key("clinic", WhichKey.PRIMARY)
        await house.resources.delete("clinic")

    said = repr([logs, made, rotated])
    assert {"resource_created", "access_key_rotated", "resource_deleted"} <= {
        entry["event"] for entry in logs
    }
    assert not any(repr(key)[2:-1] in said for key in (*made.access_keys, *rotated.access_keys))


# other processes


async def test_another_process_takes_over_what_was_changed(house: House, clinic: Resource) -> None:
    mourned: list[str] = []
    other = await _open_again(house)
    other.on_deletion(mourned.append)

    rotated = await house.resources.rotate_key("clinic", WhichKey.PRIMARY)
    await other.read()
    assert other.find("clinic") == rotated
    await house.resources.delete("clinic")
    await other.read()
    await other.read()

    assert mourned == [clinic.id]
    assert clinic.id not in [one.id for one in other.all]


# deleting


async def test_a_deleted_resource_is_refused_everywhere_at_once(
    house: House, clinic: Resource
) -> None:
    theirs = house.backend("2023-10-01", key=clinic.primary_key)
    answer = await theirs.send("POST", "/identities", {"createTokenWithScopes": ["voip"]})
    token = answer.json()["accessToken"]["token"]
    caller = await house.identities.verify(token)

    await house.resources.delete("clinic")

    assert await status(theirs) == 401
    assert not await house.stands(caller.user, caller.generation)
    with pytest.raises(errors.TokenRefused):
        await house.identities.verify(token)
    with pytest.raises(NoSuchResource):
        house.resources.find(clinic.id)


async def test_its_names_are_free_again_and_its_keys_are_gone(house: House) -> None:
    first = await house.resources.create("clinic", ["clinic.example"])
    await house.resources.delete("clinic")

    second = await house.resources.create("clinic", ["clinic.example"])

    assert second.id != first.id
    assert await house.resources.ended() == (first.id,)


async def test_a_resource_with_rooms_is_kept_unless_forced(
    house: House, clinic: Resource, theirs: Backend
) -> None:
    house.resources.watch(house.rooms)
    await make_room(theirs)

    with pytest.raises(HasRooms, match="--force"):
        await house.resources.delete("clinic")
    assert await status(theirs) == 200

    await house.resources.delete("clinic", force=True)
    assert await status(theirs) == 401


async def test_the_last_resource_stays(house: House) -> None:
    await house.resources.delete("strangers")

    with pytest.raises(LastResource, match="Create another"):
        await house.resources.delete("default")


async def test_what_a_deleted_resource_had_is_dropped_and_nothing_else(
    house: House, clinic: Resource, ours: Backend, theirs: Backend
) -> None:
    raw_id = "8:acs:5fa0c7bb-1111-4444-8888-0123456789ab_5fa0c7bb-1111-4444-8888-0123456789ab"
    for backend in (ours, theirs):
        identity = replace(backend, version="2023-10-01")
        assert (await identity.send("POST", "/identities")).status_code == 201
        sent = {"participants": {raw_id: {"role": "Attendee"}}}
        assert (await backend.send("POST", "/rooms", sent)).status_code == 201
    await house.resources.delete("clinic", force=True)

    await house.rooms.forget_resource(clinic.id)
    await house.resources.forget(clinic.id)

    assert await house.count("room WHERE deleted_at IS NULL") == 1
    assert await house.count("invitation") == 1
    assert await house.count("identity") == 1


async def _open_again(house: House) -> Resources:
    """What another process knows of the same database."""
    return await open_resources(house.database, house.vault, house.clock)
