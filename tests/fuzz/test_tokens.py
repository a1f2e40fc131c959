"""Class L, generated: forged tokens and odd first frames at the agent socket let nobody in, and harm nothing."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from fuzz.conftest import Plan
from hypothesis import strategies as st
from support.fuzz.exploring import explore
from support.fuzz.shapes import JSON_VALUES, TEXTS
from support.fuzz.tokens import CLAIMS, FORGED, Forged, changed, claims_of, signed
from support.fuzz.watching import ANSWERED_WITHIN, Watch
from support.inputs.rows import get, post
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from openrooms.identity.errors import TokenRefused
from openrooms.identity.model import FIRST_GENERATION, LONGEST_LIFE, Claims, Scope
from openrooms.identity.tokens import Tokens, new_signing_key
from openrooms.kernel.identifiers import parse_user

SHARE_OF_READING, SHARE_OF_HELLOS = 0.05, 0.1
TOKENS = Tokens([new_signing_key()], "https://rooms.example", frozenset())
ISSUE = "/identities/<user_path>/:issueAccessToken"
WELCOME, NOT_TAKEN = "welcome", (401, 10009)
# A machine that does much beside it is late.
PATIENCE = 2 * ANSWERED_WITHIN
CLOSED_WITHOUT_A_WORD = 1006
# What closes a connection whose first frame is not a hello that can be read.
CLOSES = {4400, 4401, 1003, 1007, 1009}
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON_VALUES,
        "op": TEXTS | JSON_VALUES,
        "version": JSON_VALUES,
        "displayName": TEXTS | JSON_VALUES,
        "agentId": TEXTS | JSON_VALUES,
        "x": JSON_VALUES,
    },
)


def test_a_forged_token_is_read_by_nobody(plan: Plan) -> None:
    good = TOKENS.mint(_claims())

    def hold(one: Forged) -> None:
        forged = one.forge(good)
        if forged == good:
            return
        with pytest.raises(TokenRefused):
            TOKENS.read(forged, datetime.now(UTC))

    seconds = plan.seconds * SHARE_OF_READING / 2
    assert explore("forged tokens", FORGED, hold, seconds=seconds, seed=plan.seed) > 0


def test_a_token_of_ours_with_odd_claims_is_read_or_refused(plan: Plan) -> None:
    good, key = TOKENS.mint(_claims()), TOKENS.keys[0]

    def hold(odd: dict[str, object]) -> None:
        said = changed(claims_of(good), odd)
        token = signed(said, {"alg": "ES256", "kid": key.id}, key.private_key)
        now = datetime.now(UTC)
        try:
            read = TOKENS.read(token, now)
        except TokenRefused:
            return
        assert read.issued_at <= now.timestamp() < read.expires_at or "nbf" in said
        assert read.expires_at - read.issued_at <= LONGEST_LIFE * 60
        assert (f"8:{said['skypeid']}", said["iss"]) == (read.user.raw_id, TOKENS.issuer)

    seconds = plan.seconds * SHARE_OF_READING / 2
    assert explore("odd claims", CLAIMS, hold, seconds=seconds, seed=plan.seed) > 0


def test_a_forged_token_lets_nobody_in(watch: Watch, plan: Plan) -> None:
    good = watch.house.well(post(ISSUE, {"scopes": ["voip"]})).json["token"]

    def hold(one: Forged) -> None:
        token = one.forge(good)
        said = _said_to(watch, _hello(token))
        assert token == good or said in (NOT_TAKEN, *CLOSES), f"{said} for {token}"

    seconds = plan.seconds_a_store * SHARE_OF_HELLOS / 2
    name = f"forged hellos, {watch.house.store}"
    assert explore(name, FORGED, hold, seconds=seconds, seed=plan.seed) > 0
    assert _said_to(watch, _hello(good)) == WELCOME


def test_an_odd_first_frame_is_taken_or_ends_the_connection(watch: Watch, plan: Plan) -> None:
    good = watch.house.well(post(ISSUE, {"scopes": ["voip"]})).json["token"]
    frames = (
        FIELDS.map(lambda fields: _hello(good, **fields))
        | JSON_VALUES.map(json.dumps)
        | TEXTS
        | st.binary(max_size=60)
    )

    def hold(frame: str | bytes) -> None:
        said = _said_to(watch, frame)
        assert said in (WELCOME, NOT_TAKEN, *CLOSES), f"{said} for {frame!r}"

    seconds = plan.seconds_a_store * SHARE_OF_HELLOS / 2
    name = f"first frames, {watch.house.store}"
    assert explore(name, frames, hold, seconds=seconds, seed=plan.seed) > 0
    assert watch.house.well(get("/rooms/<room>")).status == 200


def _hello(token: str, **fields: object) -> str:
    return json.dumps({"id": 1, "op": "hello", "version": 1, "token": token} | fields)


def _said_to(watch: Watch, frame: str | bytes) -> object:
    """What a first frame is answered: a welcome, the numbers of a refusal, or the code of the end.

    Nothing that any client can see is changed by it, and the answer comes as soon as any.
    """
    before = watch.fingerprint()
    url = watch.house.server.ready.browser_url.replace("http", "ws", 1) + "calling/v1/agent"
    with connect(url, compression=None, proxy=None) as socket:
        socket.send(frame)
        said = _heard(socket, watch, repr(frame))
    watch.tally.requests += 1
    watch.unchanged(before, repr(frame))
    return said


def _heard(socket: ClientConnection, watch: Watch, what: str) -> object:
    try:
        told = json.loads(socket.recv(timeout=PATIENCE))
    except TimeoutError:
        watch.hung(what)
        raise
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else CLOSED_WITHOUT_A_WORD
    error = told.get("error")
    return WELCOME if error is None else (error["code"], error["subCode"])


def _claims() -> Claims:
    user = parse_user(f"8:acs:{UUID(int=1)}_{UUID(int=2)}")
    assert user is not None
    at = int(datetime.now(UTC).timestamp())
    return Claims(user, FIRST_GENERATION, (Scope.VOIP,), at, at + 3600, TOKENS.issuer)
