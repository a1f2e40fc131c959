"""What the engine says is told without secrets and without people's addresses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.media.livekit.output import LONGEST_TEXT, Listener, Said

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJrZXkifQ.c2lnbmF0dXJl"


def heard(line: str) -> Said:
    return Listener(["the-secret", "the-key", ""]).read(line.encode())


def log_line(**facts: object) -> str:
    return json.dumps({"level": "warn", "ts": 1.5, "logger": "livekit", "msg": "said"} | facts)


def test_a_log_line_gives_its_level_its_text_and_chosen_fields() -> None:
    said = heard(
        log_line(
            error="no", room="call-1", status=401, clientInfo={"address": "10.1.2.3"}, sdp="v=0"
        )
    )

    assert said == Said("warn", "said", {"error": "no", "room": "call-1", "status": "401"})
    assert str(said) == "said: no"


def test_what_is_no_log_line_is_an_error() -> None:
    assert heard("could not parse config") == Said("error", "could not parse config")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"invalid token: {TOKEN}, error: x", "invalid token: [hidden], error: x"),
        (f"cut {TOKEN[:30]}", "cut [hidden]"),
        ("key the-key and the-secret", "key [hidden] and [hidden]"),
        ("GET /rtc?access_token=abc&x=1", "GET /rtc?access_token=[hidden]&x=1"),
        ("GET /rtc/v1?join_request=Cg==", "GET /rtc/v1?join_request=[hidden]"),
        ("from 192.168.1.20:5000 to 127.0.0.1:7882", "from [hidden]:5000 to 127.0.0.1:7882"),
        ("from fe80::1c2d:3e4f and 2001:db8:0:1:2:3:4:5", "from [hidden] and [hidden]"),
        ("version 1.13.5 at 10:06:13", "version 1.13.5 at 10:06:13"),
        ("new\nline and \x1b[31mcolour", "new line and  [31mcolour"),
    ],
)
def test_secrets_and_addresses_are_hidden_everywhere(text: str, told: str) -> None:
    assert heard(log_line(msg=text)).text == told
    assert heard(log_line(error=text)).fields["error"] == told


def test_a_long_line_is_cut() -> None:
    assert len(heard("x" * 10_000).text) == LONGEST_TEXT


@pytest.mark.parametrize("line", ["", "[]", "7", "{", "[" * 5000])
def test_odd_lines_are_text(line: str) -> None:
    assert heard(line).level == "error"


@given(st.binary(max_size=200))
def test_no_bytes_let_a_secret_through(noise: bytes) -> None:
    said = Listener(["the-secret"]).read(noise + b" the-secret " + TOKEN.encode())

    assert "the-secret" not in said.text
    assert "c2lnbmF0dXJl" not in said.text
