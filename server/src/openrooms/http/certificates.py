"""TLS from the first start: a local authority that can speak for our own names alone, and a leaf.

Certificates live by the machine's true time, whatever the service's clock is told: those who check
them do too.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from openrooms.kernel.clock import Clock
from openrooms.kernel.files import write_private
from openrooms.metrics import CERTIFICATE_ENDS_AT

ALWAYS = ("localhost", "127.0.0.1", "::1")
AUTHORITY_LIFE = timedelta(days=3650)
# Browsers refuse longer ones.
LEAF_LIFE = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
# Clocks of clients that run behind.
SLACK = timedelta(days=1)

log = structlog.get_logger(__name__)

Key: TypeAlias = ec.EllipticCurvePrivateKey


class CertificatesUnusable(Exception):
    """The certificates cannot be read or made; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate with what certifies it, and its key: two files in PEM."""

    chain: Path
    key: Path

    @property
    def leaf(self) -> x509.Certificate | None:
        """The certificate; None while there is none."""
        return self._certificates()[0] if self.chain.exists() else None

    @property
    def context(self) -> ssl.SSLContext:
        """What a listener speaks TLS with. Raises `CertificatesUnusable`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self.load_into(context)
        return context

    def load_into(self, context: ssl.SSLContext) -> None:
        """Let a context show the certificate from now on. Raises `CertificatesUnusable`."""
        try:
            context.load_cert_chain(self.chain, self.key)
        except OSError as error:
            raise CertificatesUnusable(
                f"Certificate {self.chain} with the key {self.key}: {error}. "
                "Give two files in PEM that belong together, and that this user may read."
            ) from error
        CERTIFICATE_ENDS_AT.set(self.ends_at.timestamp())

    @property
    def ends_at(self) -> datetime:
        """When the first of them ends. Raises `CertificatesUnusable`."""
        return min(one.not_valid_after_utc for one in self._certificates())

    def _certificates(self) -> list[x509.Certificate]:
        try:
            return x509.load_pem_x509_certificates(self.chain.read_bytes())
        except (OSError, ValueError) as error:
            raise CertificatesUnusable(
                f"Certificate {self.chain}: {error}. Give a file in PEM, the certificate first."
            ) from error


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the certificates of a data directory are."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What clients are told to trust."""
        return self.folder / "ca.pem"

    @property
    def chain(self) -> Path:
        return self.folder / "server.pem"

    @property
    def files(self) -> CertificateFiles:
        """What the listeners show."""
        return CertificateFiles(self.chain, self.folder / "server.key")

    @property
    def context(self) -> ssl.SSLContext:
        """What a listener speaks TLS with."""
        return self.files.context


@dataclass(frozen=True, slots=True)
class _Issuer:
    certificate: x509.Certificate
    key: Key


class LiveCertificates:
    """The certificates of a running listener, in line with the hosts that it serves."""

    def __init__(
        self, folder: Path, public_host: str | None, *, clock: Clock, hosts: Sequence[str]
    ) -> None:
        self._folder = folder
        self._public_host = public_host
        self._clock = clock
        self._changing = asyncio.Lock()
        made = self._ensure(hosts)
        self.authority = made.authority
        self.context = made.context

    async def serve(self, hosts: Sequence[str]) -> None:
        """Name these hosts to whoever connects from now on. What fails leaves all as it was."""
        async with self._changing:
            try:
                made = await asyncio.to_thread(self._ensure, hosts)
                made.files.load_into(self.context)
            except CertificatesUnusable as error:
                log.warning("certificate_not_changed", why=str(error))
        for host in hosts:
            if not is_certified(host, self._public_host):
                log.warning("host_without_certificate", host=host)

    def _ensure(self, hosts: Sequence[str]) -> Certificates:
        return ensure_certificates(self._folder, self._public_host, self._clock(), hosts=hosts)


def is_certified(host: str, public_host: str | None) -> bool:
    """Whether our authority may speak for a host: one of our own names, or one below a name."""
    if host.strip("[]") in _own_names(public_host):
        return True
    return any(host.endswith(f".{name}") for name in _own_names(public_host) if not _is_ip(name))


def ensure_certificates(
    folder: Path, public_host: str | None, now: datetime, *, hosts: Sequence[str] = ()
) -> Certificates:
    """Certificates for our names: those in the folder while they are good, else new ones.

    The authority stays as long as it can, since every client has to be told to trust a new one.
    So of `hosts` the certificate names those that the authority may speak for.
    """
    names = _own_names(public_host)
    below = [host for host in hosts if is_certified(host, public_host)]
    spoken_for = list(dict.fromkeys([*names, *(host.strip("[]") for host in below)]))
    made = Certificates(folder)
    try:
        issuer = _load(made.authority, folder / "ca.key")
        if issuer is None or not _may_stay(issuer.certificate, _constraints(names), now):
            issuer = _make_authority(names, now)
            _save(issuer, folder / "ca.key", made.authority)
        leaf = _load(made.chain, folder / "server.key")
        if leaf is None or not _speaks(leaf.certificate, issuer, _names(spoken_for), now=now):
            leaf = _make_leaf(issuer, spoken_for, now)
            _save(leaf, folder / "server.key", made.chain, issuer.certificate)
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(folder, error) from error
    return made


def _unusable(folder: Path, error: Exception) -> CertificatesUnusable:
    return CertificatesUnusable(
        f"Certificates in {folder}: {error}. Delete ca.* and server.* there to make new ones."
    )


def _make_authority(names: Sequence[str], now: datetime) -> _Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    # Two installations never share a name: a client would try the wrong key.
    serial = x509.random_serial_number()
    name = _subject(f"OpenRooms local authority {serial % 16**8:08x}")
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), serial)
        .not_valid_before(now - SLACK)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Issuer(certificate, key)


def _make_leaf(issuer: _Issuer, names: Sequence[str], now: datetime) -> _Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = issuer.certificate
    issued_by = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        x509.CertificateBuilder(
            authority.subject, _subject(names[0]), key.public_key(), x509.random_serial_number()
        )
        .not_valid_before(now - SLACK)
        .not_valid_after(min(now + LEAF_LIFE, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(names)), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issued_by),
            critical=False,
        )
        .sign(issuer.key, hashes.SHA256())
    )
    return _Issuer(certificate, key)


def _may_stay(
    certificate: x509.Certificate, constraints: x509.NameConstraints, now: datetime
) -> bool:
    found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    return found == constraints and now + RENEW_BEFORE < certificate.not_valid_after_utc


def _speaks(
    certificate: x509.Certificate, issuer: _Issuer, names: list[x509.GeneralName], *, now: datetime
) -> bool:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        list(found) == names
        and certificate.issuer == issuer.certificate.subject
        and now + RENEW_BEFORE < certificate.not_valid_after_utc
    )


def _load(certificate: Path, key: Path) -> _Issuer | None:
    try:
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        first = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except FileNotFoundError:
        return None
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key.name} is no key of ours")
    return _Issuer(first, loaded)


def _save(made: _Issuer, key: Path, certificate: Path, *chain: x509.Certificate) -> None:
    pem = serialization.Encoding.PEM
    # Without its certificate a key is nothing; with an old key a certificate would be a fault.
    certificate.unlink(missing_ok=True)
    write_private(
        key,
        made.key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    write_private(
        certificate, b"".join(one.public_bytes(pem) for one in (made.certificate, *chain))
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_general_name(name) for name in names]


def _own_names(public_host: str | None) -> list[str]:
    return [*ALWAYS, *([public_host] if public_host and public_host not in ALWAYS else [])]


def _is_ip(name: str) -> bool:
    return isinstance(_general_name(name), x509.IPAddress)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _constraints(names: Sequence[str]) -> x509.NameConstraints:
    permitted = [
        x509.IPAddress(ipaddress.ip_network(name.value))
        if isinstance(name, x509.IPAddress)
        else name
        for name in _names(names)
    ]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
