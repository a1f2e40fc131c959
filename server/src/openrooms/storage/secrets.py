"""Secrets at rest: what stands in tables is encrypted under one master key."""

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openrooms.kernel import ids
from openrooms.kernel.files import write_private
from openrooms.storage.errors import DataDirectoryUnusable, WrongMasterKey

KEY_FILE = "master.key"
KEY_BYTES = 32
NONCE_BYTES = 12
# Says how the rest is to be read, so that another cipher can follow.
AES_GCM = b"\x01"


class Vault:
    """Encrypts and decrypts under the master key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, secret: bytes) -> bytes:
        nonce = ids.new_key()[:NONCE_BYTES]
        return AES_GCM + nonce + self._cipher.encrypt(nonce, secret, AES_GCM)

    def decrypt(self, sealed: bytes) -> bytes:
        form, nonce, rest = sealed[:1], sealed[1 : NONCE_BYTES + 1], sealed[NONCE_BYTES + 1 :]
        try:
            if form != AES_GCM:
                raise InvalidTag
            return self._cipher.decrypt(nonce, rest, form)
        except (InvalidTag, ValueError):
            raise WrongMasterKey(
                "Master key: it does not open what the database holds. "
                f"Put back the {KEY_FILE}, or the OPENROOMS_MASTER_KEY, of this data directory."
            ) from None


def open_vault(folder: Path, given: str | None = None) -> Vault:
    """The vault of a data directory: by the key that is given, else by the key in its file.

    The file is made at the first start.
    """
    if given is not None:
        return Vault(_read_key(given, "OPENROOMS_MASTER_KEY"))
    file = folder / KEY_FILE
    try:
        return Vault(_read_key(file.read_text(encoding="ascii"), str(file)))
    except FileNotFoundError:
        key = ids.new_key()
        write_private(file, base64.b64encode(key) + b"\n")
        return Vault(key)
    except (OSError, UnicodeDecodeError) as error:
        raise DataDirectoryUnusable(
            f"Master key {file}: not readable. Make it readable by this user alone."
        ) from error


def _read_key(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise DataDirectoryUnusable(
            f"Master key {source}: not {KEY_BYTES} bytes in base64. Make one with: "
            "openssl rand -base64 32"
        )
    return key
