"""Session descriptions and candidates: which addresses the engine is told of, and how much of it."""

import json
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.media.errors import MessageRefused
from openrooms.media.livekit.descriptions import (
    LARGEST_DESCRIPTION,
    MOST_CANDIDATES,
    MOST_SECTIONS,
    Candidates,
    description,
    trickled,
)

BROWSER = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.17 rport 50000 generation 0 ufrag EsAw network-id 1"


def candidate(address: str, port: int = 5000) -> str:
    return f"candidate:1 1 udp 2113937151 {address} {port} typ host"


@pytest.mark.parametrize(
    "text",
    [
        BROWSER,
        BROWSER.removeprefix("candidate:"),
        candidate("192.168.1.20"),
        candidate("10.1.2.3"),
        candidate("2001:db8:1::1"),
        candidate("fd12:3456::1"),
        "candidate:2 1 tcp 1518280447 192.168.1.20 9 typ host tcptype active generation 0",
    ],
)
def test_what_browsers_name_passes(text: str) -> None:
    assert Candidates().admit(text)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1"),
        *("169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254"),
        *("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd20:ce::254"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b:1::7f00:1"),
        *("localhost", "metadata.google.internal", "d7bfc1a2-0b3c.local"),
        *("0x7f.1", "127.1", "2130706433", "0177.0.0.1", "127.0.0.1%x"),
    ],
)
def test_addresses_that_only_this_machine_or_nobody_should_reach_do_not_pass(address: str) -> None:
    assert not Candidates().admit(candidate(address))


@pytest.mark.parametrize(
    "text",
    [
        "candidate:1 1 udp 1 203.0.113.7 5000",
        "candidate:1 1 udp 1  127.0.0.1 203.0.113.7 5000 typ host",
        "candidate: 1 1 udp 1 203.0.113.7 5000 typ host",
        "candidate:candidate:1 1 udp 1 203.0.113.7 5000 typ host",
        "candidate:1 1 udp 1 203.0.113.7 5000 typ host\r\na=candidate:1 1 udp 1 127.0.0.1 1 typ host",
        candidate("203.0.113.7") + " " + "x" * 600,
    ],
)
def test_what_another_reader_could_read_in_another_way_does_not_pass(text: str) -> None:
    assert not Candidates().admit(text)


def test_the_address_of_our_own_media_passes_though_it_be_loopback() -> None:
    candidates = Candidates(ip_address("127.0.0.1"))

    assert candidates.admit(candidate("127.0.0.1"))
    assert not candidates.admit(candidate("127.0.0.2"))


def test_a_connection_gets_so_many_candidates_and_no_more_and_the_known_ones_again() -> None:
    candidates = Candidates()
    first = [candidates.admit(candidate("203.0.113.7", port)) for port in range(MOST_CANDIDATES)]

    assert all(first)
    assert not candidates.admit(candidate("203.0.113.7", 60_000))
    assert candidates.admit(candidate("203.0.113.7", 0))


def test_a_description_loses_the_candidates_that_do_not_pass_and_nothing_else() -> None:
    sdp = (
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
        f"a={BROWSER}\r\na={candidate('169.254.169.254')}\r\na=sendrecv\r\n"
    )

    passed = description(sdp, Candidates())

    assert passed == sdp.replace(f"a={candidate('169.254.169.254')}\r\n", "")


def test_bare_line_ends_are_made_whole() -> None:
    assert description("v=0\ns=-", Candidates()) == "v=0\r\ns=-\r\n"
    assert description("", Candidates()) == ""


@pytest.mark.parametrize(
    "sdp",
    [
        "v=0\r\ns=\0\r\n",
        "v=0\r\ns=a\rb\r\n",
        "v=0\r\n\r\ns=-\r\n",
        "v=0\r\n a=candidate:1\r\n",
        "v=0\r\nx",
        "nonsense",
        "v=0\r\n" * (LARGEST_DESCRIPTION // 5 + 1),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * (MOST_SECTIONS + 1),
    ],
)
def test_a_description_that_no_browser_makes_is_refused(sdp: str) -> None:
    with pytest.raises(MessageRefused):
        description(sdp, Candidates())


@given(st.text(alphabet="av=\r\n\0 candite:1up.70", max_size=80))
def test_whatever_passes_passes_again_unchanged(sdp: str) -> None:
    try:
        passed = description(sdp, Candidates())
    except MessageRefused:
        return

    assert description(passed, Candidates()) == passed


def test_a_trickled_candidate_is_written_anew() -> None:
    told = {"candidate": BROWSER, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": None}

    passed = trickled(json.dumps(told | {"Candidate": "candidate:evil"}), Candidates())

    assert json.loads(passed or "") == told


def test_the_end_of_candidates_passes() -> None:
    assert json.loads(trickled('{"candidate": ""}', Candidates()) or "")["candidate"] == ""


def test_a_trickled_candidate_that_may_not_pass_is_left_out() -> None:
    assert trickled(json.dumps({"candidate": candidate("127.0.0.1")}), Candidates()) is None


@pytest.mark.parametrize(
    "init",
    [
        *("", "[]", "null", "{}", '{"candidate": 1}', "[" * 60_000, '{"candidate": "", "x": '),
        '{"candidate": "", "sdpMLineIndex": -1}',
        '{"candidate": "", "sdpMLineIndex": true}',
        '{"candidate": "", "sdpMLineIndex": 99999}',
        '{"candidate": "", "sdpMid": 1}',
        json.dumps({"candidate": "", "usernameFragment": "x" * 257}),
    ],
)
def test_a_trickled_candidate_that_no_browser_makes_is_refused(init: str) -> None:
    with pytest.raises(MessageRefused):
        trickled(init, Candidates())
