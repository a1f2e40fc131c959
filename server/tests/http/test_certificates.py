"""The local certificates are good for our names, for a long time, and for nothing else."""

import asyncio
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from structlog.testing import capture_logs
from tests.http.raw import answer_to, status_of
from tests.http.running import Running

from openrooms import metrics
from openrooms.http.certificates import (
    Certificates,
    CertificatesUnusable,
    LiveCertificates,
    ensure_certificates,
    is_certified,
)
from openrooms.http.listening import LOOPBACK, listening, port_of
from openrooms.kernel.clock import system_clock

NOW = system_clock()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_was_made_is_found_again(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, None, NOW)
    before = contents(tmp_path)

    ensure_certificates(tmp_path, "localhost", NOW)

    assert contents(tmp_path) == before


def test_keys_are_private(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, None, NOW)

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("ca.key", "server.key")] == [
        0o600,
        0o600,
    ]


def test_near_its_end_the_leaf_is_made_anew_and_the_authority_stays(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, None, NOW)
    before = contents(tmp_path)

    ensure_certificates(tmp_path, None, NOW + timedelta(days=370))
    after = contents(tmp_path)

    assert after["server.pem"] != before["server.pem"]
    assert after["ca.pem"] == before["ca.pem"]


def test_near_its_end_the_authority_is_made_anew(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, None, NOW)
    before = contents(tmp_path)

    ensure_certificates(tmp_path, None, NOW + timedelta(days=3640))

    assert contents(tmp_path)["ca.pem"] != before["ca.pem"]


@pytest.mark.parametrize("name", ["rooms.example", "192.168.7.7", "fd00::7"])
def test_a_new_name_makes_all_anew_and_is_covered(tmp_path: Path, name: str) -> None:
    ensure_certificates(tmp_path, None, NOW)
    before = contents(tmp_path)

    certificates = ensure_certificates(tmp_path, name, NOW)

    assert contents(tmp_path)["ca.pem"] != before["ca.pem"]
    verify(certificates, name)


@pytest.mark.parametrize("missing", ["ca.pem", "ca.key", "server.pem", "server.key"])
def test_a_missing_file_is_made_anew(tmp_path: Path, missing: str) -> None:
    certificates = ensure_certificates(tmp_path, None, NOW)
    (tmp_path / missing).unlink()

    ensure_certificates(tmp_path, None, NOW)

    verify(certificates, "localhost")


@pytest.mark.parametrize("spoiled", ["ca.pem", "ca.key", "server.pem", "server.key"])
def test_a_spoiled_file_is_one_clear_line(tmp_path: Path, spoiled: str) -> None:
    ensure_certificates(tmp_path, None, NOW)
    (tmp_path / spoiled).write_text("nonsense")

    with pytest.raises(CertificatesUnusable, match=r"Delete ca\.\* and server\.\*"):
        ensure_certificates(tmp_path, None, NOW)


def test_a_key_of_another_kind_is_one_clear_line(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, None, NOW)
    subprocess.run(
        ["openssl", "genrsa", "-out", str(tmp_path / "ca.key"), "2048"],
        check=True,
        capture_output=True,
    )

    with pytest.raises(CertificatesUnusable, match="no key of ours"):
        ensure_certificates(tmp_path, None, NOW)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_the_chain_is_good_by_the_strictest_rules_of_openssl(tmp_path: Path, name: str) -> None:
    verify(ensure_certificates(tmp_path, None, NOW), name)


def test_the_authority_cannot_speak_for_other_names(tmp_path: Path) -> None:
    certificates = ensure_certificates(tmp_path, None, NOW)
    authority = x509.load_pem_x509_certificate(certificates.authority.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)

    assert constraints.critical
    assert [str(name.value) for name in constraints.value.permitted_subtrees or ()] == [
        "localhost",
        "127.0.0.1/32",
        "::1/128",
    ]
    with pytest.raises(subprocess.CalledProcessError):
        verify(certificates, "example.com")


def verify(certificates: Certificates, name: str) -> None:
    kind = "-verify_ip" if ":" in name or name[0].isdigit() else "-verify_hostname"
    files = ["-CAfile", str(certificates.authority), str(certificates.chain)]
    rules = ["-x509_strict", "-purpose", "sslserver", kind, name]
    subprocess.run(["openssl", "verify", *rules, *files], check=True, capture_output=True)


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_python_requests_accept_them(secure: Running, name: str) -> None:
    script = (
        f"import requests; print(requests.get('https://{name}:{secure.port}/echo').status_code)"
    )
    answer = await secure.run_python(script, REQUESTS_CA_BUNDLE=str(secure.authority))

    assert answer == "200"


@pytest.mark.anyio
async def test_node_accepts_them(secure: Running) -> None:
    script = f"fetch('https://localhost:{secure.port}/echo').then(a => console.log(a.status))"
    answer = await secure.run("node", "-e", script, NODE_EXTRA_CA_CERTS=str(secure.authority))

    assert answer == "200"


@pytest.mark.anyio
async def test_who_does_not_know_the_authority_refuses_them(secure: Running) -> None:
    context = ssl.create_default_context()

    with pytest.raises(ssl.SSLCertVerificationError):
        await answer_to(secure.port, b"", tls=context)


@pytest.mark.anyio
async def test_plain_http_on_the_tls_port_is_closed(secure: Running) -> None:
    with pytest.raises((ConnectionError, EOFError)):
        await answer_to(secure.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    good = b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert status_of(await answer_to(secure.port, good, tls=secure.client_context)) == 200


@pytest.mark.parametrize(
    ("host", "public_host", "certified"),
    [
        ("localhost", None, True),
        ("127.0.0.1", None, True),
        ("[::1]", None, True),
        ("clinic.localhost", None, True),
        ("clinic.rooms.example", "rooms.example", True),
        ("a.b.rooms.example", "rooms.example", True),
        ("rooms.example", "rooms.example", True),
        ("rooms.example", None, False),
        ("otherrooms.example", "rooms.example", False),
        ("other.example", "rooms.example", False),
        ("10.0.0.8", "10.0.0.7", False),
        ("x.10.0.0.7", "10.0.0.7", False),
    ],
)
def test_the_authority_speaks_for_our_names_and_those_below(
    host: str, public_host: str | None, *, certified: bool
) -> None:
    assert is_certified(host, public_host) is certified


@pytest.mark.parametrize("host", ["clinic.rooms.example", "clinic.localhost"])
def test_hosts_below_our_names_are_named_and_the_authority_stays(tmp_path: Path, host: str) -> None:
    ensure_certificates(tmp_path, "rooms.example", NOW)
    before = contents(tmp_path)

    hosts = [host, "other.example", "[::1]"]
    verify(ensure_certificates(tmp_path, "rooms.example", NOW, hosts=hosts), host)
    verify(Certificates(tmp_path), "rooms.example")
    after = contents(tmp_path)
    ensure_certificates(tmp_path, "rooms.example", NOW, hosts=hosts)

    assert contents(tmp_path) == after
    assert after["ca.pem"] == before["ca.pem"]
    assert after["server.pem"] != before["server.pem"]


@pytest.mark.anyio
async def test_a_running_listener_names_a_host_from_the_moment_it_is_given(
    tmp_path: Path,
) -> None:
    live = LiveCertificates(tmp_path, None, clock=lambda: NOW, hosts=())
    with listening(0, LOOPBACK, option="--https-port") as sockets:
        server = await asyncio.start_server(_close, sock=sockets[0], ssl=live.context)
        async with server:
            with pytest.raises(ssl.SSLCertVerificationError):
                await _shake(port_of(sockets), live.authority)

            with capture_logs() as logs:
                await live.serve(["clinic.localhost", "other.example"])

            await _shake(port_of(sockets), live.authority)
    assert logs == [
        {"event": "host_without_certificate", "host": "other.example", "log_level": "warning"}
    ]


def test_when_the_first_of_the_certificates_ends_that_are_shown_is_told(tmp_path: Path) -> None:
    live = LiveCertificates(tmp_path, None, clock=lambda: NOW, hosts=())

    files = Certificates(tmp_path).files
    assert files.leaf is not None
    assert files.ends_at == files.leaf.not_valid_after_utc
    told = metrics.REGISTRY.get_sample_value("openrooms_certificate_expiry_timestamp_seconds")
    assert told == files.ends_at.timestamp()
    assert live.authority.exists()


@pytest.mark.anyio
async def test_a_certificate_that_cannot_be_changed_stays(tmp_path: Path) -> None:
    live = LiveCertificates(tmp_path, None, clock=lambda: NOW, hosts=())
    (tmp_path / "ca.key").write_bytes(b"spoiled")

    with capture_logs() as logs:
        await live.serve(["clinic.localhost"])

    assert [entry["event"] for entry in logs] == ["certificate_not_changed"]


async def _close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _shake(port: int, authority: Path) -> None:
    """Shake hands with the host that is new."""
    context = ssl.create_default_context(cafile=str(authority))
    _, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="clinic.localhost"
    )
    writer.close()
