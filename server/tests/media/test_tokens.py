"""Engine tokens say exactly what they should, and for how long."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import permutations
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.media.signalling import ALL, ATTENDEE, CONSUMER, seat

from openrooms.media.engine import Grants, Source
from openrooms.media.livekit.tokens import KeyPair, Minter, ordered

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEYS = KeyPair("key", "a secret of more than thirty-two characters")


def minter(now: datetime = NOW) -> Minter:
    return Minter(KEYS, lambda: now)


def claims(token: str) -> dict[str, Any]:  # whatever the token says
    options: Any = {"verify_exp": False}
    read: dict[str, Any] = jwt.decode(token, KEYS.secret, algorithms=["HS256"], options=options)
    return read


def test_a_join_token_says_exactly_who_where_and_what() -> None:
    assert claims(minter().join(seat(grants=ATTENDEE))) == {
        "iss": "key",
        "sub": "8:acs:ada~leg",
        "name": "Ada",
        "attributes": {"openrooms.role": "Presenter"},
        "exp": int(NOW.timestamp()) + 60,
        "video": {
            "roomJoin": True,
            "room": "call-1",
            "canPublish": True,
            "canPublishSources": ["camera", "microphone"],
            "canSubscribe": True,
            "canPublishData": False,
            "canUpdateOwnMetadata": False,
        },
    }


def test_who_may_send_nothing_may_not_send() -> None:
    video = claims(minter().join(seat(grants=CONSUMER)))["video"]

    assert video["canPublish"] is False
    assert video["canPublishSources"] == []


def test_who_may_not_receive_may_not_subscribe() -> None:
    video = claims(minter().join(seat(grants=Grants(frozenset(), subscribe=False))))["video"]

    assert video["canSubscribe"] is False


@pytest.mark.parametrize(
    ("token", "video"),
    [
        (minter().create_rooms(), {"roomCreate": True}),
        (minter().list_rooms(), {"roomList": True}),
        (minter().keep_room("call-1"), {"roomAdmin": True, "room": "call-1"}),
    ],
)
def test_a_server_token_is_for_one_purpose(token: str, video: dict[str, object]) -> None:
    said = claims(token)

    assert said == {"iss": "key", "exp": int(NOW.timestamp()) + 60, "video": video}


@given(st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_an_engine_whose_clock_is_ahead_gets_a_minute_of_its_own_time(ahead: timedelta) -> None:
    made = minter()
    engine = (NOW + ahead).replace(microsecond=0)

    made.learn(format_datetime(engine, usegmt=True))

    assert claims(made.list_rooms())["exp"] == int(engine.timestamp()) + 60


@pytest.mark.parametrize(
    "date",
    [None, "", "yesterday", "Sun, 22 Nov 2020 09:00:00 GMT", "Sun, 99 Nov 2026 09:00:00 GMT"],
)
def test_a_date_in_the_past_or_none_changes_nothing(date: str | None) -> None:
    made = minter()

    made.learn(date)

    assert claims(made.list_rooms())["exp"] == int(NOW.timestamp()) + 60


def test_sources_always_come_in_one_order() -> None:
    assert {tuple(ordered(given)) for given in permutations(Source)} == {tuple(Source)}


def test_a_key_pair_does_not_show_its_secret() -> None:
    assert KEYS.secret not in repr(KEYS)


def test_everything_granted_is_everything_named() -> None:
    assert len(claims(minter().join(seat(grants=ALL)))["video"]["canPublishSources"]) == 4
