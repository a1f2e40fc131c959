"""Secrets at rest: what stands in tables is encrypted under one master key."""

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Select, select

from openrooms.kernel import ids
from openrooms.kernel.files import write_private
from openrooms.storage.database import Database
from openrooms.storage.errors import DataDirectoryUnusable, WrongMasterKey
from openrooms.storage.locks import lock_beginning
from openrooms.storage.schema import secret

KEY_FILE = "master.key"
KEY_BYTES = 32
NONCE_BYTES = 12
# Says how the rest is to be read, so that another cipher can follow.
AES_GCM = b"\x01"


class Vault:
    """Encrypts and decrypts under the master key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, text: bytes) -> bytes:
        nonce = ids.new_key()[:NONCE_BYTES]
        return AES_GCM + nonce + self._cipher.encrypt(nonce, text, AES_GCM)

    def decrypt(self, sealed: bytes) -> bytes:
        form, nonce, rest = sealed[:1], sealed[1 : NONCE_BYTES + 1], sealed[NONCE_BYTES + 1 :]
        try:
            if form != AES_GCM:
                raise InvalidTag
            return self._cipher.decrypt(nonce, rest, form)
        except (InvalidTag, ValueError):
            raise WrongMasterKey(
                "Master key: it does not open what the database holds. "
                f"Put back the {KEY_FILE}, or the OPENROOMS_MASTER_KEY, of this data directory; all "
                "servers of one PostgreSQL need the same OPENROOMS_MASTER_KEY."
            ) from None


class Secrets:
    """Single secrets by name, kept encrypted in the database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def keep(self, name: str, fresh: bytes) -> bytes:
        """The secret of this name; the first time it is the fresh one."""
        sealed = self._vault.encrypt(fresh)

        def load(connection: Connection) -> bytes:
            lock_beginning(connection)
            found = connection.scalar(_find(name))
            if found is None:
                connection.execute(secret.insert().values(name=name, value=sealed))
            return found or sealed

        return self._vault.decrypt(await self._database.write(load))

    async def get(self, name: str) -> bytes | None:
        """The secret of this name, if there is one."""
        sealed = await self._database.read(lambda connection: connection.scalar(_find(name)))
        return None if sealed is None else self._vault.decrypt(sealed)

    async def put(self, name: str, value: bytes) -> None:
        """Keep the secret in place of one that there may be."""
        sealed = self._vault.encrypt(value)

        def store(connection: Connection) -> None:
            lock_beginning(connection)
            connection.execute(secret.delete().where(secret.c.name == name))
            connection.execute(secret.insert().values(name=name, value=sealed))

        await self._database.write(store)


def _find(name: str) -> Select[bytes]:
    return select(secret.c.value).where(secret.c.name == name)


def open_vault(folder: Path, given: str | None = None) -> Vault:
    """The vault of a data directory: by the key that is given, else by the key in its file.

    The file is made at the first start.
    """
    if given is not None:
        return Vault(_read_key(given, "OPENROOMS_MASTER_KEY"))
    file = folder / KEY_FILE
    try:
        # The one line break is ours, and every editor's.
        return Vault(_read_key(file.read_text(encoding="ascii").removesuffix("\n"), str(file)))
    except FileNotFoundError:
        key = ids.new_key()
        write_private(file, base64.b64encode(key) + b"\n")
        return Vault(key)
    except (OSError, UnicodeDecodeError) as error:
        raise DataDirectoryUnusable(
            f"Master key {file}: not readable. Make it readable by this user alone."
        ) from error


def _read_key(text: str, source: str) -> bytes:
    if text and any(sign.isspace() for sign in text):
        # Never dropped in silence: what was meant is not known.
        raise DataDirectoryUnusable(
            f"Master key {source}: there is a space or a line break in it. "
            "Give the 44 characters of the key alone."
        )
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise DataDirectoryUnusable(
            f"Master key {source}: not {KEY_BYTES} bytes in base64. Make one with: "
            "openssl rand -base64 32"
        )
    return key
