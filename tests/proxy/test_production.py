"""A server as it is where strangers come: the `production` profile, whole, with a call through it."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.browser import Town
from support.likeness import DOCTOR, PATIENT
from support.office import Office
from support.ports import free_ports
from support.postgres import Postgres
from support.scenes import consult
from support.secrets import Secrets
from support.server import Ready, Server, openrooms
from support.signed import Ask, Caller
from support.unit import EngineUnit

from openrooms.http.certificates import Certificates, ensure_certificates

HOST = "127.0.0.1"
# So many exchanges of a token are answered at once; then as many in each 30 seconds.
MOST_EXCHANGES = 500
EXCHANGE = "/teamsUser/:exchangeAccessToken?api-version=2023-10-01"
OTHERS = ("OPENROOMS_ICE_TCP_PORT", "OPENROOMS_TURN_PORT", "OPENROOMS_TURN_TLS_PORT")


class Production(Server):
    """A server with the clock that everybody has."""

    def command(self) -> list[str]:
        command = super().command()
        at = command.index("--clock-offset")
        return [*command[:at], *command[at + 2 :]]


@dataclass(frozen=True, slots=True)
class Customer:
    """What a customer knows of the server: the connection string, which its operator gave him."""

    ready: Ready
    secrets: Secrets


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The operator's own, of an authority that is not the server's."""
    return ensure_certificates(tmp_path_factory.mktemp("own"), HOST, datetime.now(UTC))


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, certificates: Certificates
) -> Iterator[Server]:
    environment = {
        "OPENROOMS_PROFILE": "production",
        "OPENROOMS_CERTIFICATE": str(certificates.files.chain),
        "OPENROOMS_CERTIFICATE_KEY": str(certificates.files.key),
        # Their usual ports may be somebody else's here.
        **dict.fromkeys(OTHERS, "0"),
    }
    folder = tmp_path_factory.mktemp("production")
    with postgres.fresh() as url:
        unit = EngineUnit(
            *(folder, "--public-host", HOST, "--database", url),
            environment=environment,
            of=Production,
        )
        try:
            unit.open()
            yield unit.server
        finally:
            unit.close()


@pytest.fixture(scope="module")
def customer(server: Server, certificates: Certificates) -> Customer:
    command = openrooms("resource", "show", "--keys", "--json", "--data", str(server.data))
    settings = {"OPENROOMS_PUBLIC_HOST": HOST, "OPENROOMS_PROFILE": "production"}
    said = subprocess.run(command, capture_output=True, check=True, env=os.environ | settings)
    told = json.loads(said.stdout)["connectionString"]
    server.secrets.add("access key", told.partition("accesskey=")[2])
    ready = replace(server.ready, connection_string=told, ca=certificates.authority)
    return Customer(ready, server.secrets)


@pytest.fixture
def office(customer: Customer) -> Iterator[Office]:
    """It trusts the operator's authority alone."""
    with closing(Office(customer)) as made:
        yield made


def test_two_people_meet_and_see_each_other(server: Server, office: Office, people: Town) -> None:
    doctor, patient = (people.call(who, trusting=True) for who in (DOCTOR, PATIENT))

    consult(server, office, (doctor, patient)).meet()

    assert server.ready.browser_url.startswith(f"https://{HOST}:")
    assert {url.partition(":")[0] for url in (*doctor.wire.urls, *patient.wire.urls)} == {"wss"}


def test_the_connection_string_is_told_to_nobody_who_does_not_ask(
    server: Server, customer: Customer
) -> None:
    key = customer.ready.connection_string.partition("accesskey=")[2]

    assert server.ready.connection_string == ""
    assert key[:16] not in server.output()


def test_requests_are_limited(customer: Customer) -> None:
    ask = Ask("POST", EXCHANGE, b'{"token":"x","appId":"y","userId":"z"}')
    ask = replace(ask, headers={"Content-Type": "application/json"})
    with closing(Caller(customer.ready)) as caller:
        answers = [caller.call(ask) for _ in range(2 * MOST_EXCHANGES)]

    refused = [one for one in answers if one.status == 429]
    assert {one.status for one in answers[:MOST_EXCHANGES]} == {401}
    assert refused
    assert all(int(one.headers["retry-after"]) > 0 for one in refused)


def test_what_is_for_trying_things_out_is_not_to_be_had(server: Server, tmp_path: Path) -> None:
    (port,) = free_ports(socket.SOCK_STREAM)
    refused = subprocess.run(
        openrooms(
            *("serve", "--data", str(tmp_path), "--public-host", HOST, "--demo"),
            *("--https-port", str(port)),
        ),
        env=os.environ | {"OPENROOMS_PROFILE": "production"},
        capture_output=True,
        check=False,
        timeout=20,
    )

    assert refused.returncode == 2
    assert b"demo" in refused.stderr
