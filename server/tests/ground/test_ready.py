"""What is printed once the service is ready."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from openrooms import __version__
from openrooms.app import Site
from openrooms.demo import PEOPLE, Demo, Link
from openrooms.http.pages import Tarballs
from openrooms.ready import as_json, as_text

SITE = Site(
    endpoint="https://localhost:8443/",
    browser_url="http://localhost:8080/",
    connection_string="endpoint=https://localhost:8443/;accesskey=a2V5",
    authority=Path("/data/ca.pem"),
    sdk=Tarballs(
        "http://localhost:8080/sdk/openrooms-calling-1.90.0.tgz",
        "http://localhost:8080/sdk/openrooms-calling-effects-1.90.0.tgz",
    ),
    demo=Demo("99400000000000001", tuple(Link(one, f"http://{one.name}") for one in PEOPLE)),
)
BARE = Site(
    SITE.endpoint, SITE.browser_url, SITE.connection_string, SITE.authority, Tarballs(), None
)


def test_the_ready_line_has_exactly_these_keys() -> None:
    line = as_json(SITE)

    assert "\n" not in line
    assert json.loads(line) == {
        "event": "ready",
        "connectionString": SITE.connection_string,
        "endpoint": SITE.endpoint,
        "browserUrl": SITE.browser_url,
        "ca": "/data/ca.pem",
        "sdk": {"calling": SITE.sdk.calling, "effects": SITE.sdk.effects},
        "demo": {
            "roomId": "99400000000000001",
            "links": [
                {"name": "Doctor", "role": "Presenter", "url": "http://Doctor"},
                {"name": "Patient", "role": "Attendee", "url": "http://Patient"},
                {"name": "Stranger", "role": None, "url": "http://Stranger"},
            ],
        },
        "version": __version__,
    }


def test_without_a_demo_its_place_is_empty() -> None:
    assert json.loads(as_json(BARE))["demo"] is None


@pytest.mark.parametrize(
    "told",
    [
        SITE.connection_string,
        SITE.browser_url,
        f"npm install @azure/communication-calling@{SITE.sdk.calling}",
        f"npm install @azure/communication-calling-effects@{SITE.sdk.effects}",
        "export REQUESTS_CA_BUNDLE=/data/ca.pem SSL_CERT_FILE=/data/ca.pem",
        "export NODE_EXTRA_CA_CERTS=/data/ca.pem",
        "keytool -importcert",
        "Doctor (Presenter)   http://Doctor",
        "Stranger (refused)   http://Stranger",
    ],
)
def test_a_person_is_told_what_comes_next(told: str) -> None:
    assert told in as_text(SITE)


def test_what_there_is_not_is_not_told() -> None:
    text = as_text(BARE)

    assert "npm install" not in text
    assert "Demo room" not in text


def test_in_production_no_key_is_printed_and_a_certificate_of_others_needs_no_trust() -> None:
    there = replace(BARE, connection_string="", asks_trust=False)

    assert "openrooms resource show" in as_text(there)
    assert "trust" not in as_text(there)
    assert "accesskey" not in as_text(there) + as_json(there)
