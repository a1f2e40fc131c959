"""Two resources on one server: nothing of one is seen, touched or guessed by the other."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from statistics import median

import pytest
from support.deadlines import wait_for
from support.inputs.house import House
from support.inputs.rows import Proof, Request, delete, get, patch, post
from support.inputs.wire import Heard
from support.report import figure
from support.server import openrooms

UNKNOWN = "9949484443000000"
ROTATED_WITHIN = 1.0
PAIRS = 100
# Of the time that it takes: what is written takes now more and now less.
READS_APART, WRITES_APART = 0.1, 0.2


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another resource on the same server, with a host name and keys of its own."""

    house: House
    name: str
    host: str
    primary: str
    secondary: str

    def ask(self, request: Request, *, key: str | None = None) -> Heard:
        """Its own request, under its own name."""
        proof = Proof(key=key or self.primary)
        return self.house.ask(replace(request, host=self.host, proof=proof))

    def time(self, request: Request) -> float:
        """How long its own request takes, on a connection that is kept."""
        proved = replace(request, host=self.host, proof=Proof(key=self.primary))
        return self.house.well(proved).took


@contextmanager
def _resource(house: House) -> Iterator[Neighbour]:
    name = f"n{uuid.uuid4().hex[:12]}"
    host = f"{name}.example.org"
    made = _command(house, "create", name, "--host", host)
    told = [made["connectionString"], made["secondaryConnectionString"]]
    keys = [one.partition("accesskey=")[2] for one in told]
    for key in keys:
        house.server.secrets.add("access key", key)
    yield Neighbour(house, name, f"{host}:{house.doors.tls}", *keys)
    _command(house, "delete", name, "--force")


@pytest.fixture(scope="module", params=["house", "postgres_house"], ids=["sqlite", "postgresql"])
def neighbour(request: pytest.FixtureRequest) -> Iterator[Neighbour]:
    """A resource beside the one of each house."""
    with _resource(request.getfixturevalue(request.param)) as made:
        yield made


@pytest.mark.line("B14")
def test_the_key_of_one_is_worth_nothing_under_the_name_of_another(
    neighbour: Neighbour,
) -> None:
    ours = neighbour.house.ask(replace(get("/rooms"), host=neighbour.host))
    theirs = neighbour.house.ask(replace(get("/rooms"), proof=Proof(key=neighbour.primary)))

    assert neighbour.ask(get("/rooms")).json == {"value": []}
    assert [one.status for one in (ours, theirs)] == [401, 401]
    assert ours.answer.body == theirs.answer.body


of_every_verb = pytest.mark.parametrize(
    "ask",
    [
        get("/rooms/{}"),
        delete("/rooms/{}"),
        patch("/rooms/{}", {"pstnDialOutEnabled": True}),
        get("/rooms/{}/participants"),
        patch("/rooms/{}/participants", {"participants": {"<stranger>": {}}}),
    ],
    ids=lambda one: f"{one.method} {one.target}",
)


@pytest.mark.line("D12")
@of_every_verb
def test_a_room_of_another_is_answered_like_one_that_never_was(
    neighbour: Neighbour, ask: Request
) -> None:
    room = neighbour.house.names["room"]
    before = neighbour.house.snapshot()

    foreign = neighbour.ask(replace(ask, target=ask.target.format(room)))
    unknown = neighbour.ask(replace(ask, target=ask.target.format(UNKNOWN)))

    assert foreign.status == 404
    assert foreign.answer.body == unknown.answer.body
    assert set(foreign.answer.headers) == set(unknown.answer.headers)
    assert neighbour.house.snapshot() == before


@pytest.mark.line("D12")
@of_every_verb
def test_nor_does_the_time_tell_it(neighbour: Neighbour, ask: Request) -> None:
    foreign, unknown = (
        replace(ask, target=ask.target.format(room))
        for room in (neighbour.house.names["room"], UNKNOWN)
    )

    # In pairs: what slows the machine down slows both.
    pairs = [_pair(neighbour, foreign, unknown) for _ in range(PAIRS)]

    apart = abs(median(one - other for one, other in pairs))
    usual = median(other for _, other in pairs)
    most = READS_APART if ask.method == "GET" else WRITES_APART
    figure(f"D12, {ask.method}, apart", apart / usual, at_most=most, unit="of the time")


@pytest.mark.line("J02")
def test_the_page_of_another_leads_nowhere(neighbour: Neighbour) -> None:
    heard = neighbour.ask(get(f"/rooms?nextLink={neighbour.house.names['page']}"))

    assert heard.status == 400
    assert "value" not in heard.json


@pytest.mark.line("I09")
def test_a_request_id_is_known_to_its_own_resource_alone(
    neighbour: Neighbour,
) -> None:
    headers = (
        ("Repeatability-Request-ID", str(uuid.uuid4())),
        ("Repeatability-First-Sent", format_datetime(datetime.now(UTC), usegmt=True)),
    )
    request = post("/rooms", "{}")
    request = replace(request, headers=request.headers + headers)

    ours, theirs = neighbour.house.ask(request), neighbour.ask(request)

    neighbour.house.well(delete(f"/rooms/{ours.json['id']}"))
    assert (ours.status, theirs.status) == (201, 201)
    assert ours.json["id"] != theirs.json["id"]


@pytest.mark.line("K05")
def test_no_token_is_issued_for_a_user_of_another(neighbour: Neighbour) -> None:
    user = neighbour.house.names["user_path"]

    heard = neighbour.ask(post(f"/identities/{user}/:issueAccessToken", {"scopes": ["voip"]}))

    assert heard.status == 401
    assert "token" not in heard.json


@pytest.mark.line("B15")
def test_a_rotated_key_is_refused_within_a_second_and_the_other_goes_on(
    neighbour: Neighbour,
) -> None:
    with _resource(neighbour.house) as leaver:
        assert leaver.ask(get("/rooms")).status == 200
        made = _command(neighbour.house, "rotate-key", leaver.name, "primary")
        fresh = made["connectionString"].partition("accesskey=")[2]
        neighbour.house.server.secrets.add("access key", fresh)

        _, took = wait_for(
            "the old key is refused",
            lambda: leaver.ask(get("/rooms")).status == 401,
            within=10,
            every=0.02,
        )

        assert took <= ROTATED_WITHIN
        assert leaver.ask(get("/rooms"), key=leaver.secondary).status == 200
        assert leaver.ask(get("/rooms"), key=fresh).status == 200


def _pair(neighbour: Neighbour, one: Request, other: Request) -> tuple[float, float]:
    """The times of both, asked in one order and in the other."""
    first, second = neighbour.time(one), neighbour.time(other)
    third, fourth = neighbour.time(other), neighbour.time(one)
    return first + fourth, second + third


def _command(house: House, *words: str) -> dict[str, str]:
    """`openrooms resource ...`, told to the running server."""
    command = openrooms("resource", *words, "--data", str(house.server.data), "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, str] = json.loads(done.stdout) if done.stdout.strip() else {}
    return said
