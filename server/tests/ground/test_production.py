"""A service as it is run for strangers: the operator's certificate, and nothing told that is a secret."""

import asyncio
import shutil
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from openrooms.app import Site, open_site
from openrooms.config import Config
from openrooms.http.certificates import CertificateFiles, ensure_certificates
from openrooms.kernel.clock import system_clock
from openrooms.ready import as_text

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

# Another address of this machine alone stands for one that others reach.
PUBLIC = "127.0.0.2"
ASKS = f"GET /health HTTP/1.1\r\nHost: {PUBLIC}\r\n\r\n".encode()


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that serves people, one for all these tests."""
    return "asyncio", {"use_uvloop": True}


def issued(folder: Path, name: str) -> CertificateFiles:
    """A certificate for the public address, by an authority of its own."""
    (folder / name).mkdir()
    return ensure_certificates(folder / name, PUBLIC, system_clock()).files


def port_of(site: Site) -> int:
    return urlsplit(site.endpoint).port or 443


async def shown(site: Site) -> x509.Certificate:
    """What is shown to who connects now."""
    told = await asyncio.to_thread(ssl.get_server_certificate, (PUBLIC, port_of(site)))
    return x509.load_pem_x509_certificate(told.encode())


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """One more request on a connection that is open; its status line."""
    writer.write(ASKS)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(one for one in head.lower().splitlines() if one.startswith("content-length:"))
    await reader.readexactly(int(length.partition(":")[2]))
    return head.splitlines()[0]


async def test_x27_a_renewed_certificate_is_shown_and_who_is_connected_stays_so(
    tmp_path: Path,
) -> None:
    old, new = issued(tmp_path, "old"), issued(tmp_path, "new")
    given = CertificateFiles(tmp_path / "full.pem", tmp_path / "key.pem")
    shutil.copy(old.chain, given.chain)
    shutil.copy(old.key, given.key)
    config = Config(
        data=tmp_path / "data",
        https_port=0,
        http_port=0,
        media_port=0,
        public_host=PUBLIC,
        profile="production",
        certificate=given.chain,
        certificate_key=given.key,
        probe_seconds=0,
    )
    async with open_site(config) as site:
        trust = ssl.create_default_context(cafile=str(tmp_path / "old" / "ca.pem"))
        before = await shown(site)
        reader, writer = await asyncio.open_connection(PUBLIC, port_of(site), ssl=trust)
        first = await ask(reader, writer)
        shutil.copy(new.key, given.key)
        shutil.copy(new.chain, given.chain)
        async with asyncio.timeout(10):
            while await shown(site) == before:
                pass
        after = await shown(site)
        second = await ask(reader, writer)
        writer.close()

    assert (before, after) == (old.leaf, new.leaf)
    assert first == second == "HTTP/1.1 200 OK"
    assert site.connection_string == ""
    assert "accesskey" not in as_text(site)
    assert "trust" not in as_text(site)
    assert not (tmp_path / "data" / "ca.pem").exists()
