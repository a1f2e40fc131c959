"""The parsers by themselves: whatever they are given, they read it or refuse it by name."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fuzz.conftest import Plan
from hypothesis import strategies as st
from support.fuzz.exploring import explore
from support.fuzz.shapes import EDGES

from openrooms.http.apis import parse_query
from openrooms.http.bodies import parse_json
from openrooms.http.dates import parse_http_date, parse_moment
from openrooms.http.errors import HttpError
from openrooms.http.paging import NextLinks
from openrooms.http.routing import split_path
from openrooms.http.signing import parse_authorization, parse_base64, targets
from openrooms.http.versions import parse_version
from openrooms.identity.errors import TokenRefused
from openrooms.identity.tokens import Tokens, new_signing_key
from openrooms.kernel.identifiers import are_users, is_guid, parse_user
from openrooms.rooms.errors import RoomError
from openrooms.rooms.model import parse_room_id

SHARE = 0.1
PROOF = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
TEXTS = (
    st.text(st.characters(codec="utf-8"), max_size=60)
    | st.text("0123456789-:TtZz+.,GMTonJa ", max_size=40)
    | st.text("aZ09-_=;&/%", max_size=60).map(PROOF.__add__)
    | st.builds("8:acs:{}_{}{}".format, st.uuids(), st.uuids(), st.text(max_size=2))
    | st.datetimes().map(lambda one: one.isoformat())
    | st.sampled_from(EDGES)
)
OCTETS = st.binary(max_size=80) | st.lists(
    st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b":", b",", b"1", b"\\u0000", b"a" * 9]),
    max_size=400,
).map(b"".join)
TOKENS = Tokens([new_signing_key()], "https://rooms.example", frozenset())
LINKS = NextLinks(b"k" * 32, "https://{}".format)
READERS: dict[str, Callable[[str], object]] = {
    "authorization": parse_authorization,
    "base64": parse_base64,
    "targets": lambda text: list(targets(text)),
    "http date": parse_http_date,
    "moment": parse_moment,
    "user": parse_user,
    "participant": lambda text: are_users([text]),
    "guid": is_guid,
    "room id": parse_room_id,
    "version": parse_version,
    "path": split_path,
    "next link": lambda text: LINKS.read("/rooms", text, resource_id="r"),
    "query": parse_query,
    "token": lambda text: TOKENS.read(text, datetime.now(UTC)),
}


@pytest.mark.parametrize("name", READERS)
def test_a_text_is_read_or_refused(name: str, plan: Plan) -> None:
    def hold(text: str) -> None:
        try:
            READERS[name](text)
        except (HttpError, RoomError, TokenRefused, ValueError) as refused:
            assert not isinstance(refused, UnicodeError)  # noqa: PT017 - any other refusal will do

    seconds = plan.seconds * SHARE / (len(READERS) + 1)
    assert explore(f"parser {name}", TEXTS, hold, seconds=seconds, seed=plan.seed) > 0


def test_a_body_is_json_or_refused(plan: Plan) -> None:
    def hold(octets: bytes) -> None:
        try:
            parse_json(octets)
        except HttpError as refused:
            assert refused.status == 400  # noqa: PT017 - a body that is read is as good

    seconds = plan.seconds * SHARE / (len(READERS) + 1)
    assert explore("parser json", OCTETS, hold, seconds=seconds, seed=plan.seed) > 0
