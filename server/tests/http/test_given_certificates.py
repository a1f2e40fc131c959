"""The operator's own certificate: shown, and read anew while connections are open."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from structlog.testing import capture_logs
from tests.http.raw import until

from openrooms.http import given_certificates
from openrooms.http.certificates import CertificateFiles, CertificatesUnusable, ensure_certificates
from openrooms.http.given_certificates import GivenCertificates
from openrooms.kernel.clock import system_clock

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Shown:
    """A listener that shows a certificate."""

    port: int
    files: CertificateFiles

    async def serial(self) -> int:
        """The serial number of what is shown to who connects now."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        _, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return x509.load_der_x509_certificate(shown).serial_number

    async def comes_to_show(self, serial: int) -> None:
        async with asyncio.timeout(5):
            while await self.serial() != serial:
                pass


def issue(folder: Path, name: str) -> CertificateFiles:
    """What an authority of its own certifies for that name."""
    return ensure_certificates(folder / name, name, system_clock()).files


def serial_of(files: CertificateFiles) -> int:
    assert files.leaf is not None
    return files.leaf.serial_number


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_certificates, "LOOK_SECONDS", 0.01)


@asynccontextmanager
async def shown(files: CertificateFiles) -> AsyncIterator[Shown]:
    given = GivenCertificates(files)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = await asyncio.start_server(_echo, sock=listening, ssl=given.context)
        async with given.watched():
            yield Shown(server.sockets[0].getsockname()[1], files)
        server.close()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(100):
        writer.write(data)
    writer.close()


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    for name in ("a.example", "b.example", "given"):
        (tmp_path / name).mkdir()
    old = issue(tmp_path, "a.example")
    given = CertificateFiles(tmp_path / "given" / "full.pem", tmp_path / "given" / "key.pem")
    shutil.copy(old.chain, given.chain)
    shutil.copy(old.key, given.key)
    return given


@pytest.mark.usefixtures("quick")
async def test_x27_a_new_certificate_is_shown_and_open_connections_go_on(
    files: CertificateFiles, tmp_path: Path
) -> None:
    new = issue(tmp_path, "b.example")
    async with shown(files) as listener:
        assert await listener.serial() == serial_of(files)
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port, ssl=context)

        shutil.copy(new.chain, files.chain)
        shutil.copy(new.key, files.key)
        await listener.comes_to_show(serial_of(new))
        writer.write(b"still here")

        assert await reader.read(100) == b"still here"
        writer.close()


@pytest.mark.usefixtures("quick")
async def test_while_certificate_and_key_do_not_fit_together_the_old_one_is_shown(
    files: CertificateFiles, tmp_path: Path
) -> None:
    old, new = serial_of(files), issue(tmp_path, "b.example")
    async with shown(files) as listener:
        with capture_logs() as logs:
            shutil.copy(new.chain, files.chain)
            await until(lambda: bool(logs))
            for _ in range(5):
                assert await listener.serial() == old
        assert [entry["event"] for entry in logs] == ["certificate_not_changed"]

        shutil.copy(new.key, files.key)
        await listener.comes_to_show(serial_of(new))


@pytest.mark.usefixtures("quick")
async def test_a_certificate_that_is_gone_goes_on_being_shown(files: CertificateFiles) -> None:
    serial = serial_of(files)
    async with shown(files) as listener:
        with capture_logs() as logs:
            files.chain.unlink()
            await until(lambda: bool(logs))
        assert await listener.serial() == serial


async def test_what_is_no_certificate_is_told_at_the_start(files: CertificateFiles) -> None:
    files.chain.write_text("nothing")

    with pytest.raises(
        CertificatesUnusable, match=r"full\.pem with the key .*key\.pem: .*Give two"
    ):
        GivenCertificates(files)
    with pytest.raises(CertificatesUnusable, match=r"full\.pem: .*Give a file in PEM"):
        _ = files.leaf


def test_a_certificate_tells_when_it_ends(files: CertificateFiles) -> None:
    assert files.leaf is not None
    now: datetime = system_clock()
    assert files.leaf.not_valid_after_utc > now + timedelta(days=300)
