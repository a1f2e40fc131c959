"""How people reach the server is looked at, and told with a next step."""

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from openrooms.config import Config
from openrooms.doctor_network import check_certificate, check_network, covers
from openrooms.findings import Finding, State
from openrooms.http.certificates import Certificates, ensure_certificates
from openrooms.kernel.clock import system_clock

NOW = system_clock()
# For documentation: nobody's, and certainly no address of this machine.
ELSEWHERE = "203.0.113.7"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, media_port=7882)


def looked_at(config: Config) -> dict[str, Finding]:
    return {finding.thing: finding for finding in check_network(config)}


def given(config: Config, folder: Path, *names: str) -> Config:
    """The same with a certificate of the operator's own, for these names below `rooms.example`."""
    made = ensure_certificates(folder, "rooms.example", NOW, hosts=names)
    return replace(
        config,
        public_host="rooms.example",
        certificate=made.files.chain,
        certificate_key=made.files.key,
    )


def test_without_a_public_name_there_is_nothing_to_reach(config: Config) -> None:
    assert [str(finding) for finding in check_network(config)] == [
        "ok    public name: none: this machine alone reaches the server."
    ]


def test_a_name_without_an_address_fails(config: Config) -> None:
    findings = looked_at(replace(config, public_host="nowhere.invalid"))

    assert findings["public name"].state is State.FAIL
    assert findings["public name"].advice == "enter it in the DNS"


def test_a_name_that_is_known_elsewhere_alone_is_a_warning(config: Config) -> None:
    findings = looked_at(replace(config, public_host="nowhere.invalid", media_address=ELSEWHERE))

    assert findings["public name"].state is State.WARN


def test_a_name_that_leads_elsewhere_than_media_is_a_warning(config: Config) -> None:
    findings = looked_at(replace(config, public_host="localhost", media_address=ELSEWHERE))

    assert findings["public name"].state is State.WARN
    assert f"and media goes to {ELSEWHERE}" in findings["public name"].said
    assert "media_address" in findings["public name"].advice


def test_an_address_of_a_router_is_told_from_one_of_this_machine(config: Config) -> None:
    routed = looked_at(replace(config, public_host=ELSEWHERE))
    near = looked_at(replace(config, public_host="localhost"))

    assert routed["public name"].state is State.OK
    assert "a router must pass ports on" in routed["media address"].said
    assert near["media address"].state is State.WARN
    assert near["ways to media"].said.startswith("UDP 127.0.0.1:7882")


def test_what_browsers_are_told_is_told(config: Config, tmp_path: Path) -> None:
    public = replace(given(config, tmp_path), media_address=ELSEWHERE)

    finding = looked_at(public)["ways to media"]

    assert finding.state is State.OK
    assert finding.said == (
        f"UDP {ELSEWHERE}:7882, TCP {ELSEWHERE}:7881, turn:{ELSEWHERE}:3478?transport=udp, "
        "turns:rooms.example:5349?transport=tcp"
    )


def test_a_certificate_of_our_own_leaves_the_relay_in_tls_to_few(config: Config) -> None:
    finding = looked_at(replace(config, public_host=ELSEWHERE))["ways to media"]

    assert finding.state is State.WARN
    assert "certificate" in finding.advice


def test_no_way_without_udp_is_a_warning(config: Config) -> None:
    public = replace(config, public_host=ELSEWHERE, ice_tcp_port=0, turn_tls_port=0)

    assert looked_at(public)["ways to media"].advice == "set ice_tcp_port or turn_tls_port"


def test_in_production_the_engine_had_better_be_a_unit(config: Config) -> None:
    there = replace(config, public_host=ELSEWHERE, profile="production")

    assert looked_at(there)["engine"].state is State.WARN
    assert "engine" not in looked_at(replace(there, engine_url="http://127.0.0.1:7880"))


def test_a_certificate_of_our_own_is_made_kept_and_renewed(config: Config, tmp_path: Path) -> None:
    [before] = check_certificate(config, NOW)
    ensure_certificates(tmp_path, None, NOW)
    [fresh] = check_certificate(config, NOW)
    [old] = check_certificate(config, NOW + timedelta(days=390))
    [over] = check_certificate(config, NOW + timedelta(days=400))
    [early] = check_certificate(config, NOW - timedelta(days=3))

    assert (before.state, fresh.state, old.state) == (State.OK, State.OK, State.WARN)
    assert "first start" in before.said
    assert fresh.said.endswith(" 396 days more")
    assert (over.state, over.advice) == (State.WARN, "start the server again to renew it")
    assert (early.state, early.advice) == (State.FAIL, "set the clock")


def test_a_spoiled_certificate_fails(config: Config, tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text("nonsense")

    [finding] = check_certificate(config, NOW)

    assert finding.state is State.FAIL


def test_a_certificate_of_the_operator_is_for_the_names_and_not_over(
    config: Config, tmp_path: Path
) -> None:
    public = given(config, tmp_path, "turn.rooms.example")
    fits = replace(public, turn_tls_address="turn.rooms.example:443")
    other = replace(public, public_host="other.example", turn_tls_address="turn.other.example:443")

    [good] = check_certificate(fits, NOW)
    named = list(check_certificate(other, NOW))
    [over] = check_certificate(public, NOW + timedelta(days=400))

    assert good.state is State.OK
    assert [finding.said for finding in named[1:]] == [
        "it does not name other.example",
        "it does not name turn.other.example",
    ]
    assert {finding.state for finding in named[1:]} == {State.FAIL}
    assert (over.state, over.advice) == (State.FAIL, "renew it")


def test_a_certificate_that_is_not_there_or_has_another_key_fails(
    config: Config, tmp_path: Path
) -> None:
    public = given(config, tmp_path)
    (tmp_path / "other").mkdir()
    key = ensure_certificates(tmp_path / "other", None, NOW).files.key

    [strange] = check_certificate(replace(public, certificate_key=key), NOW)
    [missing] = check_certificate(replace(public, certificate=tmp_path / "no.pem"), NOW)

    assert strange.state is State.FAIL
    assert "belong together" in strange.advice
    assert missing.state is State.FAIL
    assert "not there" in missing.said


def test_a_certificate_names_addresses_and_names_and_what_is_below_a_star(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, "rooms.example", NOW, hosts=["*.rooms.example"])
    leaf = Certificates(tmp_path).files.leaf
    assert leaf is not None

    assert covers(leaf, "127.0.0.1")
    assert covers(leaf, "rooms.example")
    assert covers(leaf, "a.rooms.example")
    assert not covers(leaf, "a.b.rooms.example")
    assert not covers(leaf, "192.0.2.1")
    assert not covers(leaf, "example")
    nameless = x509.load_pem_x509_certificate(Certificates(tmp_path).authority.read_bytes())
    assert not covers(nameless, "localhost")


def test_an_address_of_this_machine_is_its_own(config: Config) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
        except OSError:
            own = "127.0.0.1"
        else:
            own = probe.getsockname()[0]

    finding = looked_at(replace(config, public_host=own))["media address"]

    assert "a router" not in finding.said
