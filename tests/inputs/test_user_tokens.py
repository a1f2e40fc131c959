"""User tokens that must not be taken: at the hello of an agent, in place of a good one, and at the gate."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import pytest
from inputs.rows.l_user_tokens import ROWS, Forgery
from support.agents import Agent, Refusal, agent
from support.engine import EngineEye
from support.inputs.house import House
from support.inputs.mint import Mint, open_mint
from support.inputs.rows import delete, patch, post
from websockets.exceptions import ConnectionClosed

NOT_TAKEN = (401, 10009)
SIGNED_OUT, NOT_ALLOWED, TOO_LONG = 4401, 4400, 1009
ISSUE = "/identities/<{}_path>/:issueAccessToken"
VOIP = {"scopes": ["voip"]}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[socket.socket]:
    """Where a forged token says that its key is: nobody may ever come."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.setblocking(False)  # noqa: FBT003 (the standard library's own)
        yield listener


@pytest.fixture(scope="module")
def mint(any_house: House, elsewhere: socket.socket) -> Mint:
    good = any_house.well(post(ISSUE.format("user"), VOIP)).json["token"]
    keys = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/keys"
    return open_mint(any_house.server, good, keys, tables=any_house.tables)


@pytest.fixture
def agent_socket(any_house: House) -> Iterator[Agent]:
    with agent(any_house.server.ready.browser_url, any_house.server.secrets) as made:
        yield made


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_forged_token_is_not_taken(
    row: Forgery, mint: Mint, agent_socket: Agent, elsewhere: socket.socket
) -> None:
    with pytest.raises((Refusal, ConnectionClosed)) as refused:
        agent_socket.hello(row.forge(mint))

    _is_no_way_in(refused.value, agent_socket)
    with pytest.raises(BlockingIOError):
        elsewhere.accept()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_forged_token_takes_no_place_of_a_good_one(
    row: Forgery, mint: Mint, agent_socket: Agent, elsewhere: socket.socket
) -> None:
    agent_socket.hello(mint.good)

    with pytest.raises((Refusal, ConnectionClosed)) as refused:
        agent_socket.ask("refreshToken", token=row.forge(mint))

    if isinstance(refused.value, Refusal):
        assert (refused.value.code, refused.value.sub_code) == NOT_TAKEN
        assert agent_socket.ask("ping") == {}
    with pytest.raises(BlockingIOError):
        elsewhere.accept()


def test_the_mint_makes_tokens_that_are_taken(mint: Mint, agent_socket: Agent) -> None:
    """Or else the rows above would show nothing."""
    agent_socket.hello(mint.signed(iat=mint.now))

    assert agent_socket.agent_id is not None


@pytest.mark.line("L09", "K08", "K11")
def test_a_revoked_token_is_refused_and_the_next_one_is_good(any_house: House) -> None:
    old = any_house.well(post(ISSUE.format("other"), VOIP)).json["token"]
    any_house.well(post("/identities/<other_path>/:revokeAccessTokens"))
    new = any_house.well(post(ISSUE.format("other"), VOIP)).json["token"]

    _refuses(any_house, old)
    with agent(any_house.server.ready.browser_url, any_house.server.secrets) as fresh:
        fresh.hello(new)
        assert fresh.ask("ping") == {}


@pytest.mark.line("L09", "K07", "K08")
def test_the_token_of_a_deleted_user_is_refused_also_where_he_is_signed_in(
    any_house: House,
) -> None:
    made = any_house.well(post("/identities", {"createTokenWithScopes": ["voip"]})).json
    token, user = made["accessToken"]["token"], made["identity"]["id"]
    with agent(any_house.server.ready.browser_url, any_house.server.secrets) as signed_in:
        signed_in.hello(token)
        any_house.well(delete(f"/identities/{user}"))
        said = signed_in.event("signedOut", within=5)

    assert (said["code"], said["subCode"]) == NOT_TAKEN
    assert any_house.well(delete(f"/identities/{user}")).status == 204
    _refuses(any_house, token)


@pytest.mark.line("L10")
def test_a_users_token_opens_nothing_at_the_engine_and_no_gate(
    mint: Mint, any_house: House
) -> None:
    engine = EngineEye(any_house.server.data).url
    gate = f"{any_house.server.ready.browser_url}calling/v1/media"

    assert _asked(f"{engine}/rtc/validate?access_token={mint.good}") == 401
    assert _asked(f"{gate}/rtc/v1/validate?access_token={mint.good}") == 403
    assert _asked(f"{gate}/rtc/v1/validate?access_token={mint.engines()}") == 403


@pytest.mark.line("L07", "G15")
def test_one_who_is_invited_nowhere_joins_nothing(mint: Mint, any_house: House) -> None:
    room = any_house.well(post("/rooms", {"participants": {"<stranger>": {}}})).json["id"]
    with agent(any_house.server.ready.browser_url, any_house.server.secrets) as invited:
        invited.hello(mint.good)
        with pytest.raises(Refusal) as refused:
            invited.join(room)
    any_house.well(delete(f"/rooms/{room}"))

    assert (refused.value.code, refused.value.sub_code) == (403, 5828)


@pytest.mark.line("G18")
def test_an_invitation_holds_for_the_very_id_and_for_no_other_letter_case(
    mint: Mint, any_house: House
) -> None:
    shouted = any_house.names["user"].upper().replace("8:ACS:", "8:acs:")
    room = any_house.well(post("/rooms", "{}")).json["id"]
    changed = any_house.well(patch(f"/rooms/{room}/participants", {"participants": {shouted: {}}}))
    with agent(any_house.server.ready.browser_url, any_house.server.secrets) as invited:
        invited.hello(mint.good)
        with pytest.raises(Refusal) as refused:
            invited.join(room)
    any_house.well(delete(f"/rooms/{room}"))

    assert changed.status == 200
    assert (refused.value.code, refused.value.sub_code) == (403, 5828)


def _is_no_way_in(refused: BaseException, socket: Agent) -> None:
    """Either told 401/10009 and closed, or closed for a message that nobody needs to send."""
    if isinstance(refused, Refusal):
        assert (refused.code, refused.sub_code) == NOT_TAKEN
        assert socket.closed_with(within=5) == SIGNED_OUT
        return
    assert isinstance(refused, ConnectionClosed)
    assert refused.rcvd is not None
    assert refused.rcvd.code in {NOT_ALLOWED, TOO_LONG}


def _refuses(house: House, token: str) -> None:
    with (
        agent(house.server.ready.browser_url, house.server.secrets) as late,
        pytest.raises(Refusal) as refused,
    ):
        late.hello(token)
    assert (refused.value.code, refused.value.sub_code) == NOT_TAKEN


def _asked(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
