"""Trusting our certificates: what each kind of client is told, and the operating system's store."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

STORE = Path("/usr/local/share/ca-certificates")
INSTALLED_AS = "openrooms-local.crt"
UPDATE = "update-ca-certificates"
UPDATE_SECONDS = 60


class NotInstalled(Exception):
    """The certificate could not be put into the system's store; the message says why."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a kind of client needs, as one line for a shell or for a person."""

    client: str
    line: str


def advise(authority: Path) -> list[Advice]:
    """How every kind of client is made to trust the authority."""
    return [
        Advice("Python", f"export REQUESTS_CA_BUNDLE={authority} SSL_CERT_FILE={authority}"),
        Advice("Node", f"export NODE_EXTRA_CA_CERTS={authority}"),
        Advice(
            "Java",
            f"keytool -importcert -noprompt -alias openrooms -file {authority} "
            "-keystore openrooms.p12 -storetype PKCS12 -storepass changeit  "
            "# then: java -Djavax.net.ssl.trustStore=openrooms.p12 "
            "-Djavax.net.ssl.trustStorePassword=changeit",
        ),
        Advice("Debian, Ubuntu", "openrooms trust --install  # as root"),
        Advice(
            "Fedora",
            f"cp {authority} /etc/pki/ca-trust/source/anchors/openrooms.pem && update-ca-trust",
        ),
        Advice(
            "macOS",
            "security add-trusted-cert -d -r trustRoot "
            f"-k /Library/Keychains/System.keychain {authority}",
        ),
        Advice("Windows", f"certutil -addstore Root {authority}"),
        Advice(
            "Firefox",
            f"Settings, Privacy & Security, View Certificates, Authorities, Import: {authority}",
        ),
    ]


def install(authority: Path, store: Path = STORE) -> Path:
    """Put the authority into Debian's store; gives the file there. Raises `NotInstalled`."""
    update = shutil.which(UPDATE)
    if update is None or not store.parent.is_dir():
        raise NotInstalled(
            f"System store: {UPDATE} is not here. Add {authority} by the tool of this system."
        )
    place = store / INSTALLED_AS
    try:
        store.mkdir(exist_ok=True)
        shutil.copyfile(authority, place)
        subprocess.run(  # noqa: S603 - a program of the system, found in its path
            [update], check=True, capture_output=True, timeout=UPDATE_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotInstalled(
            f"System store {place}: {error}. Run it as root, with the same --data: "
            "sudo openrooms trust --install"
        ) from error
    return place
