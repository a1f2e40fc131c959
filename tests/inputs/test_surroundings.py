"""What stands around a request: other sites, proxies that are none, mistaken ports, keys that are none."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from support.deadlines import wait_for
from support.inputs.house import House
from support.inputs.rows import Request, get, unproved
from support.inputs.wire import exchange
from support.server import Server, refuse

ORIGIN = ("Origin", "https://evil.example")
SPOOFED = (
    *(("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http")),
    *(("Forwarded", "host=evil.example;proto=http"), ("X-Original-URL", "/identities")),
    *(("X-Forwarded-For", "127.0.0.1"), ("X-Rewrite-URL", "/identities"), ("X-Real-IP", "::1")),
)


@pytest.mark.line("C12")
@pytest.mark.parametrize("path", ["/rooms", "/rooms/<room>", "/identities"])
def test_no_other_site_is_let_in_by_a_browser(any_house: House, path: str) -> None:
    asked = (ORIGIN, ("Access-Control-Request-Method", "POST"))
    preflight = replace(unproved(get(path)), method="OPTIONS", headers=asked)
    signed = replace(get(path), headers=(ORIGIN,))

    answers = [any_house.ask(preflight), any_house.ask(signed)]

    assert answers[0].status >= 400
    assert [
        name for one in answers for name in one.answer.headers if "access-control" in name
    ] == []


@pytest.mark.line("C14")
@pytest.mark.parametrize("header", SPOOFED, ids=lambda header: header[0])
def test_what_claims_to_come_from_a_proxy_is_not_believed(
    any_house: House, header: tuple[str, str]
) -> None:
    heard = any_house.ask(replace(get("/rooms"), headers=(header,)))

    assert heard.status == 200
    assert heard.json["nextLink"].startswith(f"{any_house.server.ready.endpoint}rooms?nextLink=")


@pytest.mark.line("A17")
def test_plain_http_on_the_port_of_tls_is_ended_and_logged(any_house: House) -> None:
    with any_house.doors.open("plain", port=any_house.doors.tls) as channel:
        heard = exchange(channel, [any_house.bytes_of(get("/rooms"))])

    assert heard.status in {0, 400}
    assert heard.took < 1
    wait_for("a line that names it", lambda: "plain_http_on_tls_port" in any_house.log(), within=2)


@pytest.mark.line("A17")
def test_tls_on_the_port_of_plain_http_is_ended_and_logged(any_house: House) -> None:
    with pytest.raises((ssl.SSLError, OSError)):
        any_house.doors.open("tls", port=any_house.doors.plain)

    wait_for("a line that names it", lambda: "tls_on_plain_port" in any_house.log(), within=2)


@pytest.mark.line("B19")
@pytest.mark.parametrize("key", ["not base64!", "AAAA", "A" * 43 + "=\nB", " " * 44])
def test_a_key_with_junk_in_it_keeps_the_server_from_starting(tmp_path: Path, key: str) -> None:
    spare = Server(tmp_path / "spare")

    refused = refuse(spare.command(), environment={"OPENROOMS_MASTER_KEY": key})

    lines = [line for line in refused.text.splitlines() if line.strip()]
    assert refused.status == 1, refused.text
    assert len(lines) == 1, refused.text
    assert "OPENROOMS_MASTER_KEY" in lines[0]
    assert key.strip() == "" or key.strip() not in lines[0]


@pytest.mark.line("B21")
def test_a_key_in_the_wrong_place_is_written_nowhere(any_house: House) -> None:
    logged = any_house.log_size()
    key = any_house.names["key"]
    heard = [any_house.ask(one) for one in _misplaced()]

    assert [one.status for one in heard] == [401] * len(heard)
    assert key[:16] not in any_house.log(logged)


def _misplaced() -> list[Request]:
    return [
        unproved(get("/rooms?accesskey=<key>")),
        replace(unproved(get("/rooms")), headers=(("Authorization", "Basic <key>"),)),
        replace(unproved(get("/rooms")), headers=(("x-ms-accesskey", "<key>"),)),
        replace(unproved(get("/rooms")), headers=(("Cookie", "accesskey=<key>"),)),
    ]
